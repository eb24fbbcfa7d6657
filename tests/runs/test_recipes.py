"""The recipes of examples/ as they are, with their templates: each tells its story while days pass in milliseconds."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.testing import WorkflowEnvironment

from core.contracts import automation_run_id
from core.settings import Settings
from tests.builders import an_order
from tests.product import EXAMPLES, Product, apply_example_templates, skipping_product
from tests.servers import SmtpServer

COFFEE = [{"externalItemId": "c", "name": "Coffee", "quantity": 1, "cost": 200, "category": "Coffee"}]
MOST_EVENTS = {
    "order-status": 14,
    "delivered-review": 27,
    "nps": 19,
    "cancelled-feedback": 19,
    "replenishment": 19,
    "abandoned-cart": 45,
    "win-back": 14,
}
"""History events of a whole run."""


@pytest.fixture
async def shop(
    settings: Settings, time_skipping_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> AsyncIterator[Product]:
    async with skipping_product(settings, time_skipping_env, smtp_server) as product:
        await apply_example_templates(product)
        yield product


async def _publish(shop: Product, name: str) -> None:
    await shop.publish((EXAMPLES / "automations" / f"{name}.yaml").read_text())


async def _sent(shop: Product, order: dict[str, Any]) -> list[str]:
    return [one["step"] for one in await shop.entries(order, "message") if one["state"] == "sent"]


async def assert_small(shop: Product, run: dict[str, Any], name: str, sends: int) -> None:
    """A run of the recipe takes no more history than it may, and one ordinary activity for each send."""
    history = await shop.client.get_workflow_handle(automation_run_id(UUID(run["id"]))).fetch_history()
    kinds = [event.event_type for event in history.events]
    assert kinds.count(EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED) == sends
    assert len(kinds) <= MOST_EVENTS[name]


@pytest.mark.parametrize(("name", "status", "changes", "days", "steps"), [
    ("order-status", "IN_PROGRESS", {}, 0, ["in-progress"]),
    ("delivered-review", "DELIVERED", {}, 16, ["thanks", "review"]),
    ("nps", "DELIVERED", {}, 9, ["nps"]),
    ("cancelled-feedback", "CANCELLED", {}, 3, ["feedback"]),
    ("replenishment", "DELIVERED", {"items": COFFEE}, 32, ["reminder"]),
    ("abandoned-cart", "ABANDONED_SHOPPING_CART", {}, 7, ["first", "second", "third"]),
])  # fmt: skip
async def test_a_recipe_sends_its_messages_in_time(
    shop: Product,
    time_skipping_env: WorkflowEnvironment,
    *,
    name: str,
    status: str,
    changes: dict[str, Any],
    days: int,
    steps: list[str],
) -> None:
    await _publish(shop, name)
    order = an_order(status=status, **changes)
    await shop.post(order)
    if days:
        await shop.wait_for_run(order, "waiting")
        await time_skipping_env.sleep(timedelta(days=days))
    run = await shop.wait_for_run(order, "done")
    assert await _sent(shop, order) == steps
    await assert_small(shop, run, name, sends=len(steps))


@pytest.mark.parametrize(("name", "status", "changes", "then"), [
    ("delivered-review", "DELIVERED", {}, {"status": "CANCELLED"}),
    ("nps", "DELIVERED", {}, {"status": "CANCELLED"}),
    ("cancelled-feedback", "CANCELLED", {}, {"status": "INITIALIZED", "externalOrderId": "another"}),
    ("replenishment", "DELIVERED", {"items": COFFEE}, {"status": "INITIALIZED", "externalOrderId": "another"}),
    ("abandoned-cart", "ABANDONED_SHOPPING_CART", {}, {"status": "INITIALIZED", "externalOrderId": "another"}),
])  # fmt: skip
async def test_a_recipe_stops_when_there_is_no_reason_left(
    shop: Product, name: str, status: str, changes: dict[str, Any], then: dict[str, Any]
) -> None:
    await _publish(shop, name)
    order = an_order(status=status, **changes)
    await shop.post(order)
    await shop.wait_for_run(order, "waiting")
    before = await _sent(shop, order)
    await shop.post(order | then)
    stopped = await shop.wait_for_run(order, "stopped")
    assert stopped["stop"]["kind"] == "rule"
    assert await _sent(shop, order) == before
