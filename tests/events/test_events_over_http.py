"""POST /api/v1/event and the list of events."""

import asyncio
from typing import Any

import pytest

from store.keys import Scope
from tests.builders import THANKS, an_order
from tests.contacts.people import ordering, show
from tests.intake.access import authorization
from tests.product import Product

Json = dict[str, Any]  # Any: JSON


def an_event(**params: Any) -> Json:  # Any: JSON
    return {"eventTypeKey": "viewed", "params": [{"name": name, "value": value} for name, value in params.items()]}


async def _post(product: Product, event: Json) -> Json:
    response = await product.http.post("/api/v1/event", json=event)
    assert response.status_code == 200, response.text
    found: Json = response.json()
    return found


async def _event(product: Product, event_id: str) -> Json:
    response = await product.http.get(f"/api/v1/events/{event_id}")
    assert response.status_code == 200, response.text
    found: Json = response.json()
    return found


async def _keys(product: Product, **params: Any) -> list[str]:  # Any: JSON
    response = await product.http.get("/api/v1/events", params=params)
    assert response.status_code == 200, response.text
    return [one["key"] for one in response.json()["events"]]


async def test_an_event_is_kept_as_it_was_posted_and_makes_its_contact(api: Product) -> None:
    event = an_event(email="New@Example.com", firstName="Ada", item={"id": 7}) | {"keyValue": "k-1"}
    posted = await _post(api, event)
    found = await _event(api, posted["id"])
    assert (found["type"], found["key"]) == ("viewed", "k-1")
    assert found["params"] == {"email": "New@Example.com", "firstName": "Ada", "item": {"id": 7}}
    contact = await show(api, posted["contactId"])
    assert contact["channels"] == [{"type": "email", "value": "new@example.com"}]
    assert (contact["firstName"], contact["source"]) == ("Ada", "event")


@pytest.mark.parametrize(
    ("params", "key"),
    [
        ({"email": "a@example.com", "phone": "+380501234567"}, "a@example.com"),
        ({"externalCustomerId": 77, "email": "a@example.com"}, "77"),
        ({"contactId": "c-9", "externalCustomerId": "x"}, "c-9"),
        ({"SMS": "+380501234567"}, "+380501234567"),
        ({"EmailAddress": "b@example.com"}, "b@example.com"),
    ],
)
async def test_the_key_falls_back_to_who_it_is(api: Product, params: Json, key: str) -> None:
    posted = await _post(api, an_event(**params))
    assert (await _event(api, posted["id"]))["key"] == key


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (an_event(), "missing_key"),
        (an_event(email=" "), "missing_key"),
        ({"keyValue": "k"}, "invalid_request"),
        (an_event() | {"keyValue": "k", "eventTypeKey": "x" * 101}, "invalid_request"),
        (an_event() | {"keyValue": "k" * 301}, "invalid_request"),
        (an_event() | {"keyValue": "k", "eventTypeKey": " "}, "invalid_request"),
        (an_event() | {"keyValue": "k", "params": {"a": 1}}, "invalid_request"),
        (an_event(note="a\0") | {"keyValue": "k"}, "invalid_text"),
        ([], "invalid_request"),
    ],
)
async def test_a_wrong_event_is_refused(api: Product, event: Any, code: str) -> None:  # Any: JSON
    response = await api.http.post("/api/v1/event", json=event)
    assert (response.status_code, response.json()["code"]) == (400, code)


async def test_an_event_over_twenty_kilobytes_is_refused(api: Product) -> None:
    response = await api.http.post("/api/v1/event", json=an_event(note="x" * 20_480) | {"keyValue": "k"})
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")
    await _post(api, an_event(note="x" * 20_000) | {"keyValue": "k"})


async def test_an_event_goes_to_the_contact_that_is_known(product: Product) -> None:
    order, contact_id = await ordering(product)
    for params in (
        {"contactId": contact_id},
        {"externalCustomerId": order["externalCustomerId"]},
        {"email": order["email"]},
    ):
        assert (await _post(product, an_event(**params)))["contactId"] == contact_id


async def test_events_start_and_stop_runs_like_those_of_orders(product: Product) -> None:
    await product.publish(
        """
name: After a view
start:
  event: viewed
  where: { field: event.price, op: gte, value: 100 }
stop:
  - { event: bought, match: contact }
steps:
  - wait: { id: pause, for: 14d }
  - send: { id: thanks, channel: email, template: review }
"""
    )
    cheap = await _post(product, an_event(email="v@example.com", price=20))
    dear = await _post(product, an_event(email="v@example.com", price=120))
    await _wait(product, dear["id"], "waiting")
    assert (await _event(product, cheap["id"]))["decisions"][0]["outcome"] == "not_matched"
    await _post(product, an_event(email="v@example.com") | {"eventTypeKey": "bought"})
    run = await _wait(product, dear["id"], "stopped")
    assert run["stop"]["reason"] == "bought came"


async def test_an_event_of_an_order_stops_the_runs_of_that_order(product: Product) -> None:
    await product.publish(THANKS.replace("steps:", "stop:\n  - event: returned\nsteps:\n  - wait: { for: 14d }"))
    order, contact_id = await ordering(product)
    await product.wait_for_run(order, "waiting")
    event = {
        "eventTypeKey": "returned",
        "keyValue": "r-1",
        "params": [{"name": "externalOrderId", "value": order["externalOrderId"]}],
    }
    posted = await _post(product, event)
    await product.wait_for_run(order, "stopped")
    found = await _event(product, posted["id"])
    assert (found["externalOrderId"], found["contactId"]) == (order["externalOrderId"], contact_id)
    assert found["order"]["totalCost"] == 200


async def test_the_list_is_filtered_by_type_key_and_time_in_pages(api: Product) -> None:
    for number in range(5):
        await _post(api, an_event() | {"keyValue": f"k-{number}"})
    await _post(api, an_event() | {"keyValue": "k-1", "eventTypeKey": "liked"})
    await api.post(an_order(externalOrderId="o-1"))
    assert await _keys(api, type="viewed") == ["k-4", "k-3", "k-2", "k-1", "k-0"]
    assert await _keys(api, key="k-1") == ["k-1", "k-1"]
    assert await _keys(api, type="orderDELIVERED") == ["o-1"]
    assert await _keys(api, to="2020-01-01") == []
    assert len(await _keys(api, **{"from": "2020-01-01"})) == 7
    first = (await api.http.get("/api/v1/events", params={"limit": 4})).json()
    rest = (await api.http.get("/api/v1/events", params={"limit": 4, "cursor": first["nextCursor"]})).json()
    assert len({one["id"] for one in first["events"] + rest["events"]}) == 7
    assert rest["nextCursor"] is None
    types = (await api.http.get("/api/v1/events/types")).json()["types"]
    assert [one["type"] for one in types] == ["liked", "orderDELIVERED", "viewed"]


async def test_events_with_errors_are_those_of_which_something_failed(product: Product) -> None:
    await product.publish(THANKS.replace("template: thanks", "template: nowhere"))
    order = an_order()
    await product.post(order, an_order(status="CANCELLED"))
    await product.wait_for_run(order, "done")
    assert await _keys(product, errors="true") == [order["externalOrderId"]]
    assert len(await _keys(product)) == 2


@pytest.mark.parametrize(
    "params", [{"tpye": "x"}, {"from": "2026-01-02", "to": "2026-01-01"}, {"errors": "perhaps"}, {"cursor": "?"}]
)
async def test_wrong_parameters_are_refused(api: Product, params: dict[str, str]) -> None:
    assert (await api.http.get("/api/v1/events", params=params)).status_code == 400


async def test_an_event_that_is_none_is_not_found(api: Product) -> None:
    assert (await api.http.get("/api/v1/events/019c0000-0000-7000-8000-000000000000")).status_code == 404
    assert (await api.http.get("/api/v1/events/7")).status_code == 400


async def test_events_need_their_scope(api: Product) -> None:
    headers = await authorization(api, Scope.ORDERS_WRITE)
    response = await api.http.post("/api/v1/event", json=an_event(email="a@example.com"), headers=headers)
    assert response.status_code == 403


async def _wait(product: Product, event_id: str, state: str) -> Json:
    """The event's only run, once it is in this state."""
    async with asyncio.timeout(60):
        while True:
            runs: list[Json] = (await _event(product, event_id))["runs"]
            if [run["state"] for run in runs] == [state]:
                return runs[0]
            await asyncio.sleep(0.05)
