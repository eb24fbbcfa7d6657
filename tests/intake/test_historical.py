"""Orders of the past: `?historical=true`."""

import asyncio

import pytest
from temporalio.testing import WorkflowEnvironment

from core.settings import Settings
from store.keys import Scope
from tests.builders import THANKS, an_order
from tests.intake.access import authorization
from tests.product import Product, running_product

_HISTORICAL = "/api/v1/orders?historical=true"
_RFM = "/api/v1/rfm?asOf=2026-03-10T00:00:00Z"


async def test_orders_of_the_past_are_stored_and_matched_and_start_nothing(
    live_settings: Settings, temporal_env: WorkflowEnvironment
) -> None:
    async with running_product(live_settings, temporal_env.client) as product:
        await product.publish(THANKS)
        order = an_order(date="2026-03-01T10:00:00Z", currency="EUR")
        response = await product.http.post(_HISTORICAL, json={"orders": [order]})
        assert (response.status_code, response.json()["accepted"]) == (200, 1)
        decisions = await product.wait_for(order, "decision", bool)
        assert [decision["outcome"] for decision in decisions] == ["not_matched"]
        assert [event["effect"] for event in await product.entries(order, "event")] == ["historical"]
        assert await product.entries(order, "run") == []
        stored = (await product.http.get(f"/api/v1/orders/{order['externalOrderId']}")).json()
        assert stored["contactId"]
        async with asyncio.timeout(60):  # RFM counts it
            while not (rows := (await product.http.get(_RFM)).json()["rows"]):  # noqa: ASYNC110 - over HTTP
                await asyncio.sleep(0.05)
        assert [(one["frequency"], one["contacts"], one["revenue"]) for one in rows] == [(1, 1, 200)]


async def test_an_order_that_was_imported_acts_when_it_changes_later(product: Product) -> None:
    order = an_order(status="IN_PROGRESS")
    await product.http.post(_HISTORICAL, json={"orders": [order]})
    await product.post(order | {"status": "DELIVERED"})
    assert [event["effect"] for event in await product.entries(order, "event")] == ["historical", "acts"]


@pytest.mark.parametrize("misspelt", ["historcal=true", "Historical=true", "historic=1", "hystorical=true"])
async def test_a_slip_in_its_name_is_refused_before_the_past_acts(product: Product, misspelt: str) -> None:
    response = await product.http.post(f"/api/v1/orders?{misspelt}", json={"orders": [an_order()]})
    assert (response.status_code, response.json()["code"]) == (400, "unknown_parameter")
    assert "historical=true" in response.json()["remedy"]


async def test_other_parameters_are_left_alone(product: Product) -> None:
    response = await product.http.post("/api/v1/orders?utm_source=shop&history=no", json={"orders": [an_order()]})
    assert response.json()["accepted"] == 1


@pytest.mark.parametrize(
    ("scope", "historical", "status"),
    [
        (Scope.ORDERS_WRITE, "true", 403),
        (Scope.ORDERS_IMPORT, "true", 200),
        (Scope.ORDERS_IMPORT, "false", 403),
        (Scope.ORDERS_WRITE, "false", 200),
        (Scope.ORDERS_IMPORT, "perhaps", 400),
    ],
)
async def test_the_past_needs_a_scope_of_its_own(product: Product, scope: Scope, historical: str, status: int) -> None:
    response = await product.http.post(
        "/api/v1/orders",
        params={"historical": historical},
        json={"orders": [an_order()]},
        headers=await authorization(product, scope),
    )
    assert response.status_code == status
