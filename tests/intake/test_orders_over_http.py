"""The contract of intake as a client sees it."""

import asyncio
import base64
from datetime import UTC, datetime

import pytest

from store import keys
from store.keys import Scope
from tests.builders import an_order
from tests.intake.access import authorization
from tests.product import Product, running_api


async def _order(product: Product, external_order_id: str) -> dict[str, object]:
    response = await product.http.get(f"/api/v1/orders/{external_order_id}")
    assert response.status_code == 200
    found: dict[str, object] = response.json()
    return found


async def test_what_was_accepted_can_be_read_back(product: Product) -> None:
    order = an_order(totalCost="199.90", additionalInfo={"gift": True}, deliverySlot="evening")
    await product.post(order)
    stored = await _order(product, order["externalOrderId"])
    assert stored["totalCost"] == 199.9
    assert stored["additionalInfo"] == {"gift": True}
    assert stored["extra"] == {"deliverySlot": "evening"}
    assert stored["version"] == 1


async def test_bad_orders_fail_alone_and_name_the_field(product: Product) -> None:
    good = an_order()
    bad = [an_order(totalCost=-1), an_order(status="SHIPPED"), an_order(email=None, externalCustomerId=None), 7]
    response = await product.http.post("/api/v1/orders", json={"orders": [bad[0], good, *bad[1:]]})
    answer = response.json()
    assert (response.status_code, answer["accepted"]) == (200, 1)
    assert [(one["index"], one["field"]) for one in answer["failedOrders"]][:2] == [(0, "totalCost"), (2, "status")]
    assert len(answer["failedOrders"]) == 4
    await _order(product, good["externalOrderId"])


async def test_an_update_keeps_what_it_does_not_name(product: Product) -> None:
    order = an_order(deliveryMethod="courier")
    await product.post(order)
    await product.post({**order, "status": "CANCELLED", "deliveryMethod": ""})
    stored = await _order(product, order["externalOrderId"])
    assert (stored["status"], stored["deliveryMethod"], stored["version"]) == ("CANCELLED", "courier", 2)


async def test_the_same_order_again_is_an_event_that_changes_nothing(product: Product) -> None:
    order = an_order()
    await product.post(order)
    await product.post(order | {"totalCost": "200.00"})
    events = await product.entries(order, "event")
    assert [event["effect"] for event in events] == ["acts", "unchanged"]


async def test_an_older_status_date_is_stale_and_changes_no_status(product: Product) -> None:
    order = an_order(statusDate="2026-11-20T12:00:00.1234567Z", statusDescription="Handed over")
    await product.post(order)
    late = {"status": "IN_PROGRESS", "statusDescription": "Packed", "statusDate": "2026-11-20T11:00:00Z"}
    await product.post(order | late | {"deliveryAddress": "Lviv", "totalCost": 1}, order | late)
    events = await product.entries(order, "event")
    assert [(event["type"], event["effect"]) for event in events] == [
        ("orderDELIVERED", "acts"),
        ("orderIN_PROGRESS", "stale"),
        ("orderIN_PROGRESS", "stale"),
    ]
    stored = await _order(product, order["externalOrderId"])
    assert (stored["status"], stored["statusDescription"]) == ("DELIVERED", "Handed over")
    assert stored["statusDate"].startswith("2026-11-20T12:00:00")
    assert (stored["totalCost"], stored["deliveryAddress"]) == (200, "Lviv")  # old news fill what nobody knew yet
    assert stored["version"] == 2


async def test_a_status_without_its_date_came_about_when_it_was_told(product: Product) -> None:
    order = an_order(status="INITIALIZED")
    await product.post(order | {"statusDate": "2026-05-18T12:00:00Z"})
    assert (await _order(product, order["externalOrderId"]))["statusAt"] == "2026-05-18T12:00:00+00:00"
    await product.post(order | {"status": "DELIVERED"})
    told = (await product.entries(order, "event"))[-1]["occurredAt"]
    assert (await _order(product, order["externalOrderId"]))["statusAt"] == told


async def test_one_order_twice_in_a_request_is_applied_in_array_order(product: Product) -> None:
    order = an_order(status="INITIALIZED")
    await product.post(order, order | {"status": "IN_PROGRESS"}, order | {"status": "DELIVERED"})
    events = await product.entries(order, "event")
    assert [event["type"] for event in events] == ["orderINITIALIZED", "orderIN_PROGRESS", "orderDELIVERED"]
    assert (await _order(product, order["externalOrderId"]))["version"] == 3


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "not_json"),
        (b'{"orders": [{"firstName": "\xcf"}]}', 400, "not_json"),  # no UTF-8
        (b'{"orders": []}', 400, "empty_orders"),
        (b'{"order": []}', 400, "no_orders"),
        (b'{"orders": [' + b",".join([b"{}"] * 1001) + b"]}", 400, "too_many_orders"),
        (b" " * (8 * 1024 * 1024 + 1), 413, "body_too_large"),
    ],
)
async def test_a_request_that_cannot_be_taken_says_why(product: Product, body: bytes, status: int, code: str) -> None:
    response = await product.http.post("/api/v1/orders", content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["remedy"]


async def test_other_content_types_and_methods_are_refused(product: Product) -> None:
    response = await product.http.post("/api/v1/orders", content=b"{}", headers={"Content-Type": "text/plain"})
    assert (response.status_code, response.json()["code"]) == (415, "not_json_type")
    assert (await product.http.put("/api/v1/orders", json={})).status_code == 405


async def test_basic_and_bearer_open_and_nothing_else_does(product: Product) -> None:
    key = (await authorization(product, Scope.ORDERS_READ))["Authorization"].removeprefix("Bearer ")
    good, named = (base64.b64encode(f"{name}:{key}".encode()).decode() for name in ("", "shop@example.com"))
    for header, status in {
        f"Bearer {key}": 404,
        f"Basic {good}": 404,
        f"Basic {named}": 404,
        f"bearer  {key}": 404,
        f"Bearer {key}x": 401,
        "Basic !!!": 401,
        "Digest x": 401,
        "": 401,
    }.items():
        response = await product.http.get("/api/v1/orders/none", headers={"Authorization": header})
        assert response.status_code == status, header
        assert ("www-authenticate" in response.headers) is (status == 401)


async def test_a_key_needs_the_scope_and_ends_when_revoked_or_expired(product: Product) -> None:
    reader = await authorization(product, Scope.ORDERS_READ)
    response = await product.http.post("/api/v1/orders", json={"orders": [an_order()]}, headers=reader)
    assert (response.status_code, response.json()["code"]) == (403, "missing_scope")
    async with product.database.transaction() as session:
        revoked = await keys.create_key(session, "revoked")
        await keys.revoke_key(session, revoked.row.prefix, datetime.now(UTC))
        expired = await keys.create_key(session, "expired", expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    for key in (revoked, expired):
        response = await product.http.get("/api/v1/orders/x", headers={"Authorization": f"Bearer {key.text}"})
        assert response.status_code == 401


async def test_a_legacy_key_gets_an_empty_body_when_nothing_failed(product: Product) -> None:
    legacy = await authorization(product, Scope.ORDERS_WRITE, legacy_empty_body=True)
    response = await product.http.post("/api/v1/orders", json={"orders": [an_order()]}, headers=legacy)
    assert (response.status_code, response.content) == (200, b"")
    response = await product.http.post("/api/v1/orders", json={"orders": [{}]}, headers=legacy)
    assert response.json()["failedOrders"]


async def test_the_process_says_whether_it_lives_and_is_ready(product: Product) -> None:
    assert (await product.http.get("/healthz")).json() == {"status": "ok"}
    assert (await product.http.get("/readyz")).json()["ready"] is True


async def test_when_a_key_was_last_used_is_written_soon(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.key_ring._WRITE_SECONDS", 0.05)
    headers = await authorization(product, Scope.ORDERS_READ)
    async with running_api(product.settings, product.client) as other:
        await other.http.get("/api/v1/orders/none", headers=headers)
        async with asyncio.timeout(60):
            while True:
                async with product.database.transaction() as session:
                    used = [one for one in await keys.list_keys(session) if one.last_used_at]
                if used:
                    break
                await asyncio.sleep(0.02)
    assert len(used) == 1
