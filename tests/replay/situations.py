"""Situations whose histories are kept: code of today must replay what code of yesterday recorded."""

from collections.abc import Awaitable, Callable
from typing import Any

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
    )
}


async def _until(product: Product, order: Order, state: str) -> Order:
    await product.post(order)
    await product.wait_for_run(order, state)
    return order
