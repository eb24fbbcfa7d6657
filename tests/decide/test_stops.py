"""A stop ends or prevents a run in whatever order it and the start arrive."""

from typing import Any

import pytest

from tests.builders import DELIVERED_REVIEW, THANKS, an_order
from tests.decide.deciding import Decider
from tests.product import Product
from tests.servers import SmtpServer

WAITS_FIRST = """
name: Waits first
start: { event: orderDELIVERED }
stop:
  - { event: orderCANCELLED }
  - { event: orderINITIALIZED, match: contact }
steps:
  - wait: { id: pause, for: 14d }
  - get_order: {}
  - send: { id: review, channel: email, template: review }
"""


def _cancelled(order: dict[str, Any]) -> dict[str, Any]:
    return order | {"status": "CANCELLED"}


async def _stop_of(decider: Decider) -> dict[str, Any]:
    rows = await decider.rows(
        "SELECT r.state, r.stop, e.event_type FROM run r LEFT JOIN order_event e ON e.id = r.stop_event_id"
    )
    assert len(rows) == 1
    return rows[0]


async def test_after_its_start_in_the_same_batch_it_prevents_the_run(decider: Decider) -> None:
    await decider.product.publish(DELIVERED_REVIEW)
    order = an_order()
    await decider.decide((await decider.product.post(order, _cancelled(order)))["id"])
    run = await _stop_of(decider)
    assert (run["state"], run["stop"]["kind"], run["event_type"]) == ("stopped", "rule", "orderCANCELLED")


async def test_before_its_start_in_the_same_batch_it_stops_nothing(decider: Decider) -> None:
    await decider.product.publish(DELIVERED_REVIEW)
    order = an_order()
    await decider.decide((await decider.product.post(_cancelled(order), order))["id"])
    assert await decider.states() == {"pending": 1}


async def test_of_a_later_batch_that_was_decided_first_it_prevents_the_run(decider: Decider) -> None:
    await decider.product.publish(DELIVERED_REVIEW)
    order = an_order()
    start = (await decider.product.post(order))["id"]
    stop = (await decider.product.post(_cancelled(order)))["id"]
    await decider.decide(stop)
    await decider.decide(start)
    run = await _stop_of(decider)
    assert (run["state"], run["event_type"]) == ("stopped", "orderCANCELLED")


async def test_of_another_order_in_a_later_batch_that_was_decided_first_it_prevents_the_run(decider: Decider) -> None:
    await decider.product.publish(DELIVERED_REVIEW)
    order = an_order()
    start = (await decider.product.post(order))["id"]
    other = an_order(status="INITIALIZED", externalCustomerId=order["externalCustomerId"], email=order["email"])
    stop = (await decider.product.post(other))["id"]
    await decider.match(start, stop)
    await decider.decide(stop)
    await decider.decide(start)
    assert (await _stop_of(decider))["event_type"] == "orderINITIALIZED"


async def test_decided_at_the_same_time_as_its_start_it_ends_the_run(product: Product, smtp_server: SmtpServer) -> None:
    await product.publish(WAITS_FIRST)
    orders = [an_order() for _ in range(10)]
    for order in orders:
        await product.post(order)
        await product.post(_cancelled(order))  # while the start is being decided and started
    for order in orders:
        run = await product.wait_for_run(order, "stopped")
        assert run["stop"]["event_id"]
    assert smtp_server.messages == []


async def test_a_start_that_its_stop_overtook_on_the_way_here_starts_nothing(decider: Decider) -> None:
    await decider.product.publish(DELIVERED_REVIEW)
    order = an_order(statusDate="2026-11-20T10:00:00Z")
    stop = await decider.product.post(_cancelled(order) | {"statusDate": "2026-11-21T10:00:00Z"})
    start = await decider.product.post(order)
    await decider.decide(stop["id"])
    await decider.decide(start["id"])
    assert await decider.states() == {}


@pytest.mark.parametrize(
    ("placed", "state"), [("2026-11-20T10:30:00Z", "stopped"), ("2026-11-20T09:30:00Z", "waiting")]
)
async def test_a_start_that_is_told_late_heeds_what_the_contact_did_since(
    product: Product, smtp_server: SmtpServer, placed: str, state: str
) -> None:
    await product.publish(WAITS_FIRST)
    order = an_order(statusDate="2026-11-20T10:00:00Z")
    same = {name: order[name] for name in ("externalCustomerId", "email")}
    await product.post(an_order(status="INITIALIZED", statusDate=placed, **same))
    await product.post(order)
    run = await product.wait_for_run(order, state)
    assert (run["stop"] or {}).get("rule") == ("stop[1]" if state == "stopped" else None)
    assert smtp_server.messages == []


async def test_a_rule_with_a_condition_stops_only_what_fulfils_it(decider: Decider) -> None:
    yaml = THANKS + "stop:\n  - { event: orderCANCELLED, where: { field: order.totalCost, op: gte, value: 500 } }\n"
    await decider.product.publish(yaml)
    dear, cheap = an_order(totalCost=600), an_order()
    posted = await decider.product.post(dear, cheap, _cancelled(dear), _cancelled(cheap))
    await decider.decide(posted["id"])
    assert await decider.states() == {"stopped": 1, "pending": 1}
