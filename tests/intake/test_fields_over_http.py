"""The contract's table of fields as a client sees it: sent, answered, read back."""

import json
from typing import Any

from temporalio.testing import WorkflowEnvironment

from core.settings import Settings
from tests.builders import an_order
from tests.product import Product, running_api

Json = dict[str, Any]  # Any: JSON
_ITEM = {"externalItemId": "cup", "name": "Cup", "quantity": 1, "cost": 200, "imageUrl": "https://shop.example/cup.png"}
_ODD = "Олена 李 مرحبا 👩‍👩‍👧 \u200f\t'\"\\;--"


async def _stored(product: Product, key: str) -> Json:
    response = await product.http.get(f"/api/v1/orders/{key}")
    assert response.status_code == 200, response.text
    found: Json = response.json()
    return found


async def _post(product: Product, *orders: object) -> Json:
    body = json.dumps({"orders": orders})  # writes NaN, as some clients do
    response = await product.http.post("/api/v1/orders", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 200, response.text
    answer: Json = response.json()
    return answer


_AS_SENT: list[tuple[Json, Json]] = [
    ({"externalOrderId": 100500}, {"externalOrderId": "100500"}),
    ({"totalCost": "199.90"}, {"totalCost": 199.9}),
    ({"date": "2026-05-14T10:11:10.7022176+03:00"}, {"date": "2026-05-14T07:11:10.702217Z"}),
    ({"date": "2026-07-14T10:11:10"}, {"date": "2026-07-14T07:11:10Z"}),  # the account's zone, in summer
    ({"currency": None}, {"currency": "EUR"}),  # the account's
    ({"currency": "usd"}, {"currency": "USD"}),
    ({"source": "OFFLINE"}, {"source": "offline"}),
    ({"source": "marketplace"}, {"source": "online"}),
    ({}, {"source": "online", "version": 1, "status": "DELIVERED"}),
    ({"firstName": _ODD, "deliveryAddress": _ODD}, {"firstName": _ODD, "deliveryAddress": _ODD}),
    ({"additionalInfo": {"a": [1, {"b": "0.10"}]}}, {"additionalInfo": {"a": [1, {"b": "0.10"}]}}),
    ({"loyalty": {"level": 3}}, {"extra": {"loyalty": {"level": 3}}}),
    ({"shipping": "-1.5", "discount": 3, "taxes": "0"}, {"shipping": -1.5, "discount": 3, "taxes": 0}),
    ({"externalCustomerId": 77, "email": None, "phone": 380671234567}, {"externalCustomerId": "77"}),
    ({"items": [_ITEM | {"colour": "blue"}]}, {"items": [_ITEM | {"extra": {"colour": "blue"}}]}),
]
_TEXTS = {
    "restoreUrl": "https://shop.example/cart?a=1&b=2",
    "statusDescription": "Handed over",
    "storeId": "kyiv-2",
    "deliveryMethod": "Нова пошта",
    "paymentMethod": "card",
    "lastName": " Kovalenko ",
}
_AS_SENT += [
    (_TEXTS, _TEXTS),
    ({"email": " Olena@Example.COM"}, {"email": " Olena@Example.COM"}),
    ({"statusDate": "2026-05-14T10:11:10+03:00"}, {"statusDate": "2026-05-14T07:11:10+00:00"}),
    ({"items": [_ITEM | {"url": "https://shop.example/cup", "category": "Cups", "description": "Blue\ncup"}]},) * 2,
]
_ABSENT: list[Json] = [
    {"lastName": "", "storeId": None, "items": None, "additionalInfo": None, "statusDate": "", "restoreUrl": ""},
]


async def test_each_field_is_kept_as_the_contract_says(
    live_settings: Settings, temporal_env: WorkflowEnvironment
) -> None:
    account = live_settings.model_copy(update={"account_zone": "Europe/Kyiv", "account_currency": "EUR"})
    async with running_api(account, temporal_env.client) as product:
        sent = [an_order(items=None) | given for given, _ in _AS_SENT]
        absent = [an_order() | given for given in _ABSENT]
        answer = await _post(product, *({k: v for k, v in one.items() if v is not None} for one in sent), *absent)
        assert (answer["accepted"], answer["failedOrders"]) == (len(sent) + len(absent), [])
        for order, (given, expected) in zip(sent, _AS_SENT, strict=True):
            stored = await _stored(product, str(order["externalOrderId"]))
            shown = {name: stored.get(name) for name in expected}
            if "date" in shown:
                shown["date"] = shown["date"].replace("+00:00", "Z")
            assert shown == expected, given
        for order, given in zip(absent, _ABSENT, strict=True):
            assert not given.keys() & (await _stored(product, order["externalOrderId"])).keys()


async def test_what_is_wrong_fails_its_order_alone_with_the_field_named(product: Product) -> None:
    wrong: dict[str, tuple[Json, str]] = {
        "totalCost": ({"totalCost": float("nan")}, "not_a_number"),
        "shipping": ({"shipping": float("inf")}, "not_a_number"),
        "items[0].quantity": ({"items": [_ITEM | {"quantity": -1}]}, "out_of_range"),
        "items[0].externalItemId": ({"items": [_ITEM | {"externalItemId": ""}]}, "missing_field"),
        "status": ({"status": "SHIPPED"}, "invalid_value"),
        "date": ({"date": "yesterday"}, "invalid_date"),
        "firstName": ({"firstName": "a\x00b"}, "invalid_text"),
        "externalOrderId": ({"externalOrderId": "x" * 256}, "too_long"),
        "additionalInfo": ({"additionalInfo": "gift"}, "not_an_object"),
        "externalCustomerId": ({"externalCustomerId": "guest", "email": "", "phone": None}, "missing_identity"),
    }
    good = an_order()
    answer = await _post(product, *(an_order() | given for given, _ in wrong.values()), good)
    assert answer["accepted"] == 1
    assert [(one["index"], one["field"], one["code"]) for one in answer["failedOrders"]] == [
        (index, field, code) for index, (field, (_, code)) in enumerate(wrong.items())
    ]
    await _stored(product, good["externalOrderId"])
    nothing = await _post(product, 7, {}, an_order(totalCost=-1))
    assert (nothing["accepted"], [one["index"] for one in nothing["failedOrders"]]) == (0, [0, 1, 2])


async def test_a_constant_for_guests_is_no_identity(product: Product) -> None:
    guests: list[object] = ["0", 0, "guest", "NULL", "", " "]
    answer = await _post(product, *(an_order(externalCustomerId=guest, email=None) for guest in guests))
    assert [one["code"] for one in answer["failedOrders"]] == ["missing_identity"] * len(guests)
    kept = an_order(externalCustomerId="guest", email="guest@example.com")
    assert (await _post(product, kept))["accepted"] == 1
    assert (await _stored(product, kept["externalOrderId"]))["externalCustomerId"] == "guest"


async def test_what_is_odd_is_a_warning_and_the_order_is_stored(product: Product) -> None:
    odd = {
        "total_mismatch": an_order(totalCost=7),
        "unusable_email": an_order(email="nobody at home", externalCustomerId=None),
        "unusable_phone": an_order(phone="call me", externalCustomerId=None, email=None),
        "missing_image": an_order(items=[{"externalItemId": "cup", "quantity": 2, "cost": 100}]),
    }
    answer = await _post(product, *odd.values())
    assert (answer["accepted"], answer["failedOrders"]) == (4, [])
    assert [(one["index"], one["code"]) for one in answer["warnings"]] == list(enumerate(odd))
    for order in odd.values():
        assert (await _stored(product, order["externalOrderId"]))["status"] == "DELIVERED"


async def test_an_account_may_take_orders_of_nobody(live_settings: Settings, temporal_env: WorkflowEnvironment) -> None:
    anyone = live_settings.model_copy(update={"accept_anonymous_orders": True})
    async with running_api(anyone, temporal_env.client) as product:
        order = an_order(externalCustomerId=None, email=None)
        await product.post(order)
        assert (await _stored(product, order["externalOrderId"]))["contactId"] is None


async def test_an_order_s_event_has_the_parameters_of_the_contract_and_their_older_names(product: Product) -> None:
    order = an_order(phone="+380671234567")
    await product.post(order)
    stored = await _stored(product, order["externalOrderId"])
    listed = (await product.http.get("/api/v1/events", params={"key": order["externalOrderId"]})).json()["events"]
    event = (await product.http.get(f"/api/v1/events/{listed[0]['id']}")).json()
    assert (event["type"], event["key"], event["effect"]) == ("orderDELIVERED", order["externalOrderId"], "acts")
    assert event["params"] == {
        "eventKey": order["externalOrderId"],
        "externalOrderId": order["externalOrderId"],
        "orderId": stored["id"],
        "externalCustomerId": order["externalCustomerId"],
        "email": order["email"],
        "EmailAddress": order["email"],
        "phone": "+380671234567",
        "SMS": "+380671234567",
        "status": "DELIVERED",
    }
