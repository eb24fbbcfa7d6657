"""Situations whose histories are kept: code of today must replay what code of yesterday recorded."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import text

from core.contracts import QUEUE
from core.regular import LAUNCH_MEMBERS_WORKFLOW, Look
from store.automations import find
from store.segments import add_members
from tests.builders import DELIVERED_REVIEW, THANKS, an_order
from tests.product import Product

BRANCHES = """
name: Branches
start:
  event: orderDELIVERED
steps:
  - get_order: {}
  - if:
      where: { field: order.totalCost, op: gte, value: 100 }
      then:
        - send: { id: thanks, channel: email, template: thanks }
      else:
        - stop: { reason: small }
"""

Order = dict[str, Any]  # Any: JSON


async def one_message(product: Product) -> Order:
    """get_order, send."""
    await product.publish(THANKS)
    return await _until(product, an_order(externalOrderId="kept-1"), "done")


async def review_after_a_wait(product: Product) -> Order:
    """get_order, send, wait, get_order, send."""
    await product.publish(DELIVERED_REVIEW.replace('for: 14d, at: "10:00"', "for: 2s"))
    return await _until(product, an_order(externalOrderId="kept-2"), "done")


async def stopped_while_it_slept(product: Product) -> Order:
    """A stop by an event of the same order."""
    await product.publish(DELIVERED_REVIEW)
    order = await _until(product, an_order(externalOrderId="kept-3"), "waiting")
    return await _until(product, order | {"status": "CANCELLED"}, "stopped")


async def branch_taken(product: Product) -> Order:
    """if, then."""
    await product.publish(BRANCHES)
    return await _until(product, an_order(externalOrderId="kept-4"), "done")


async def branch_to_a_stop_step(product: Product) -> Order:
    """if, else, stop."""
    await product.publish(BRANCHES)
    return await _until(product, an_order(externalOrderId="kept-5", totalCost=50, items=None), "stopped")


AWAITED = """
name: Awaited
start:
  event: orderDELIVERED
steps:
  - wait_for:
      id: cancel
      event: orderCANCELLED
      timeout: %s
      then:
        - update_contact: { id: note, set: { left: "yes" } }
        - emit: { id: tell, event: left }
"""


async def awaited_event_came(product: Product) -> Order:
    """wait_for, then, update_contact, emit."""
    await product.publish(AWAITED % "30d")
    order = await _until(product, an_order(externalOrderId="kept-6"), "waiting")
    return await _until(product, order | {"status": "CANCELLED"}, "done")


async def awaited_event_did_not_come(product: Product) -> Order:
    """wait_for, else."""
    await product.publish(AWAITED % "1s")
    return await _until(product, an_order(externalOrderId="kept-7"), "done")


async def wait_skipped_by_an_operator(product: Product) -> Order:
    """An update of a sleeping run."""
    await product.publish(DELIVERED_REVIEW)
    order = await _until(product, an_order(externalOrderId="kept-8"), "waiting")
    run = await product.wait_for_run(order, "waiting")
    await product.http.post(f"/api/v1/runs/{run['id']}/skip-wait")
    await product.wait_for_run(order, "done")
    return order


async def webhook_that_cannot_be_signed(product: Product) -> Order:
    """webhook, without the setting that it needs."""
    await product.publish("""
        name: Call
        start: { event: orderDELIVERED }
        steps: [ { webhook: { id: call, url: "https://shop.example/hook" } } ]
    """)
    return await _until(product, an_order(externalOrderId="kept-9"), "done")


async def members_of_a_segment(product: Product) -> Order:
    """A look at a segment, and the run of its only member, without an order."""
    await product.publish("""
        name: Regular
        start: { segment: chosen, schedule: { at: "10:00" } }
        steps: [ { get_order: {} }, { update_contact: { id: note, set: { seen: "yes" } } } ]
    """)
    async with product.database.transaction() as session:
        contact = (
            await session.execute(text("INSERT INTO contact (source) VALUES ('test') RETURNING id"))
        ).scalar_one()
        await add_members(session, "chosen", [contact], source="test")
        automation = await find(session, "Regular")
    look = Look(automation_id=automation.id)
    await product.client.execute_workflow(LAUNCH_MEMBERS_WORKFLOW, look, id="look", task_queue=QUEUE)
    async with asyncio.timeout(60):
        while not (await product.http.get("/api/v1/runs?state=done")).json()["runs"]:  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.05)
    return {}


SITUATIONS: dict[str, Callable[[Product], Awaitable[Order]]] = {
    one.__name__: one
    for one in (
        one_message,
        review_after_a_wait,
        stopped_while_it_slept,
        branch_taken,
        branch_to_a_stop_step,
        awaited_event_came,
        awaited_event_did_not_come,
        wait_skipped_by_an_operator,
        webhook_that_cannot_be_signed,
        members_of_a_segment,
    )
}


async def _until(product: Product, order: Order, state: str) -> Order:
    await product.post(order)
    await product.wait_for_run(order, state)
    return order
