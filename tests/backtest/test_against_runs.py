"""The same orders through real runs on the time-skipping server and through a backtest: the same came of them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from automation.backtest import Backtest
from automation.backtest_event import PastEvent
from automation.definition import definition_json, load_definition
from automation.interpreter import Flow
from core.backtests import BacktestAsked
from core.settings import Settings
from store.backtest import Reading, past_event_facts, read_events
from tests.backtest.events import Kept
from tests.builders import an_order
from tests.product import Product, skipping_product
from tests.servers import SmtpServer

_AUTOMATION = """
name: Everything
start:
  event: orderDELIVERED
  where: { field: order.totalCost, op: gte, value: 20 }
stop:
  - { event: orderCANCELLED }
  - { event: orderINITIALIZED, match: contact }
steps:
  - get_order: {}
  - send: { id: thanks, channel: email, template: thanks }
  - wait_for: { id: moved, event: orderIN_PROGRESS, timeout: 3d,
      then: [ { send: { id: soon, channel: email, template: thanks } } ] }
  - wait: { id: pause, for: 5d, at: "10:00", zone: Europe/Kyiv, not_on: [sat, sun] }
  - get_order: {}
  - switch:
      id: size
      cases:
        - { name: big, where: { field: order.totalCost, op: gte, value: 500 }, then: [ { stop: { reason: by hand } } ] }
        - name: middle
          where: { field: order.totalCost, op: gte, value: 100 }
          then: [ { send: { id: review, channel: email, template: review } } ]
  - split:
      id: ab
      arms:
        - { name: a, weight: 1, steps: [ { wait: { id: more, for: 2d, at: "18:30" } },
            { send: { id: again, channel: email, template: review, not_after: 1d } } ] }
        - { name: b, weight: 1 }
"""


@pytest.fixture
async def product(
    settings: Settings, time_skipping_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> AsyncIterator[Product]:
    async with skipping_product(settings, time_skipping_env, smtp_server) as product:
        yield product


async def test_the_same_decisions_sends_and_moments(product: Product, time_skipping_env: WorkflowEnvironment) -> None:
    await product.publish(_AUTOMATION)
    orders = [an_order(totalCost=cost) for cost in (200, 200, 50, 600, 10, 200, 200, 300)]
    began = await time_skipping_env.get_current_time()

    async def post(order: dict[str, object], state: str) -> None:
        """Also tells the database the virtual moment, which its own clock cannot know."""
        now = await time_skipping_env.get_current_time()
        await product.post(order)
        if state:
            await product.wait_for_run(order, state)
        else:
            await product.wait_for(order, "decision", bool)
        async with product.database.transaction() as session:
            await session.execute(
                text("UPDATE order_event SET received_at = :now WHERE event_key = :key AND event_type = :type"),
                {"now": now, "key": order["externalOrderId"], "type": f"order{order['status']}"},
            )

    for order in orders:
        await post(order, "" if order["totalCost"] == 10 else "waiting")
    await time_skipping_env.sleep(timedelta(days=2))
    await post(orders[1] | {"status": "CANCELLED"}, "stopped")
    await post(orders[2] | {"status": "IN_PROGRESS", "totalCost": 150}, "waiting")
    await product.wait_for(orders[2], "message", lambda sent: [one["step"] for one in sent] == ["thanks", "soon"])
    await product.wait_for_run(orders[2], "waiting")
    again = an_order(externalCustomerId=orders[5]["externalCustomerId"], email=None, status="INITIALIZED")
    await product.post(again)
    await product.wait_for_run(orders[5], "stopped")
    now = await time_skipping_env.get_current_time()
    async with product.database.transaction() as session:
        await session.execute(
            text("UPDATE order_event SET received_at = :now WHERE event_key = :key"),
            {"now": now, "key": again["externalOrderId"]},
        )
    await time_skipping_env.sleep(timedelta(days=30))
    for order in (orders[0], orders[2], orders[3], orders[6], orders[7]):
        await product.wait_for(order, "run", lambda runs: runs[0]["state"] in ("done", "stopped"))

    async with product.database.transaction() as session:
        rows = await session.execute(
            text("""SELECT e.event_key, m.step_id, m.created_at, m.state FROM message m JOIN run r ON r.id = m.run_id
                    JOIN order_event e ON e.id = r.event_id ORDER BY 1, 2""")
        )
        real = {(row.event_key, row.step_id): row.created_at for row in rows if row.state == "sent"}
        ended = await session.execute(text("SELECT count(*) FROM run WHERE state = 'stopped'"))
        stopped = ended.scalar_one()
    kept = await _played(product, began)
    found = {(key, step): at for key, step, at in kept.sends}
    assert found.keys() == real.keys()
    assert len(found) >= 10
    for place, at in found.items():
        assert abs(real[place] - at) < timedelta(minutes=1), place
    assert len(kept.stops) == stopped == 3
    assert kept.unmatched == 1


async def _played(product: Product, began: datetime) -> Kept:
    kept = Kept()
    definition = load_definition(_AUTOMATION)
    engine = Backtest(Flow(definition), kept, past_event_facts)
    asked = BacktestAsked(
        definition=definition_json(definition), since=began - timedelta(days=1), until=began + timedelta(days=60)
    )
    needs = engine.needs
    reading = Reading(
        since=asked.since,
        until=asked.until,
        types=needs.types,
        starts=needs.starts,
        order=needs.order,
        every_version=needs.order_later,
        contact=needs.contact,
        channels=needs.channels,
        unique="once_per_status",
        seen_by=None if needs.order_later else needs.looking,
    )
    async with product.database.transaction() as session:
        async for rows in read_events(session, reading):
            engine.take(map(PastEvent._make, rows))
    engine.run_until(datetime.max.replace(tzinfo=UTC))
    return kept
