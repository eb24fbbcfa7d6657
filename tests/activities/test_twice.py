"""Every activity runs twice: the second time finds what the first did."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities.decide import DecideActivities
from activities.dispatch import DispatchActivities
from activities.library import Library
from activities.match_contacts import MatchActivities
from core.contracts import Batches, Dispatched
from core.settings import Settings
from tests.builders import DELIVERED_REVIEW, THANKS, an_order
from tests.product import Product, running_api


@pytest.fixture
async def product(live_settings: Settings, temporal_env: WorkflowEnvironment) -> AsyncIterator[Product]:
    async with running_api(live_settings, temporal_env.client) as product:
        yield product


async def _decided(product: Product, *orders: dict[str, object]) -> Batches:
    batches = Batches(batch_ids=(UUID((await product.post(*orders))["id"]),))
    await MatchActivities(product.database, product.settings).match_contacts(batches)
    return batches


async def test_deciding_twice_decides_once(product: Product) -> None:
    await product.publish(THANKS)
    await product.publish(DELIVERED_REVIEW)
    order = an_order(totalCost=5, items=None)
    batches = await _decided(product, order, order | {"status": "CANCELLED"})
    decide = DecideActivities(product.database, Library()).decide
    first, second = await decide(batches), await decide(batches)
    assert first == second
    decisions = [one for one in await product.entries(order, "decision") if one["reason"]["code"] != "other_event"]
    assert sorted(one["outcome"] for one in decisions) == ["not_matched", "started"]


async def test_dispatching_twice_starts_once(product: Product) -> None:
    await product.publish(THANKS)
    batches = await _decided(product, an_order(), an_order())
    await DecideActivities(product.database, Library()).decide(batches)
    dispatch = DispatchActivities(product.database, Library(), product.client).dispatch
    assert await ActivityEnvironment().run(dispatch, batches) == Dispatched(started=2)
    async with product.database.transaction() as session:  # as if the worker had died before it wrote this down
        await session.execute(text("UPDATE run SET state = 'pending'"))
    await ActivityEnvironment().run(dispatch, batches)
    executions = [one async for one in product.client.list_workflows() if one.workflow_type == "AutomationRun"]
    assert len(executions) == 2


async def test_a_batch_that_concerns_nobody_is_done_at_once(product: Product) -> None:
    batches = await _decided(product, an_order())
    decided = await DecideActivities(product.database, Library()).decide(batches)
    assert not decided.dispatch
    async with product.database.transaction() as session:
        assert await session.scalar(text("SELECT state FROM event_batch")) == "done"
