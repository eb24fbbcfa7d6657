"""DELETE /api/v1/orders."""

import asyncio

import pytest

from tests.builders import DELIVERED_REVIEW, an_order
from tests.contacts.people import ordering
from tests.product import Product


async def _gone(product: Product, external_order_id: str) -> None:
    async with asyncio.timeout(60):
        while (await product.http.get(f"/api/v1/orders/{external_order_id}")).status_code != 404:  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "nothing_to_delete"),
        ({"from": "2026-11-01"}, "nothing_to_delete"),
        ({"to": "2026-11-01"}, "nothing_to_delete"),
        ({"from": "yesterday", "to": "2026-11-01"}, "invalid_date"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "empty_range"),
        ({"from": "2026-11-01", "to": "2026-11-01"}, "empty_range"),
        ({"from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:01Z"}, "range_too_long"),
        ({"externalOrderId": "a", "from": "2026-11-01", "to": "2026-11-02"}, "ambiguous"),
        ({"externalOrderID": "a"}, "invalid_request"),
        ({"externalOrderId": "a\0"}, "invalid_request"),
    ],
)
async def test_what_says_not_what_to_delete_is_refused(api: Product, params: dict[str, str], code: str) -> None:
    response = await api.http.delete("/api/v1/orders", params=params)
    assert (response.status_code, response.json()["code"]) == (400, code)


async def test_a_deleted_order_ends_its_runs_and_leaves_the_ledger_without_content(product: Product) -> None:
    await product.publish(DELIVERED_REVIEW)
    order, contact_id = await ordering(product)
    other, _ = await ordering(product)
    for one in (order, other):
        await product.wait_for_run(one, "waiting")
    response = await product.http.delete("/api/v1/orders", params={"externalOrderId": order["externalOrderId"]})
    assert response.status_code == 202, response.text
    await _gone(product, order["externalOrderId"])
    async with asyncio.timeout(60):
        while (known := await _export(product, contact_id))["runs"][0]["state"] != "stopped":  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.05)
    assert known["runs"][0]["stop"]["kind"] == "order_deleted"
    assert (known["orders"], known["events"]) == ([], [])
    assert [(one["state"], one["address"], one["content"]) for one in known["messages"]] == [
        ("sent", order["email"], None)
    ]
    assert (await product.wait_for_run(other, "waiting"))["stop"] is None
    audit = (await product.http.get("/api/v1/audit", params={"action": "orders.delete"})).json()["entries"]
    assert [entry["details"] for entry in audit] == [{"orders": 1}]


async def test_a_range_of_dates_is_deleted_in_utc_without_its_end(product: Product) -> None:
    dates = {"a": "2026-11-01T00:00:00Z", "b": "2026-11-01T23:59:59Z", "c": "2026-11-02T00:00:00Z"}
    await product.post(*(an_order(externalOrderId=name, date=date) for name, date in dates.items()))
    params = {"from": "2026-11-01", "to": "2026-11-02"}
    assert (await product.http.delete("/api/v1/orders", params=params)).status_code == 202
    await _gone(product, "a")
    await _gone(product, "b")
    assert (await product.http.get("/api/v1/orders/c")).status_code == 200


async def test_a_deleted_order_can_come_again(product: Product) -> None:
    order, _ = await ordering(product)
    await product.http.delete("/api/v1/orders", params={"externalOrderId": order["externalOrderId"]})
    await _gone(product, order["externalOrderId"])
    await product.post(order)
    assert (await product.http.get(f"/api/v1/orders/{order['externalOrderId']}")).json()["version"] == 1


async def _export(product: Product, contact_id: str) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = (await product.http.get(f"/api/v1/contacts/{contact_id}/export")).json()
    return found
