"""Regular automations: a look at a segment launches a run for each member, once, whatever happens meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities.library import Library
from activities.regular import RegularActivities
from activities.sweep import SweepActivities
from core.contracts import QUEUE
from core.regular import LAUNCH_MEMBERS_WORKFLOW, Look, regular_schedule_id
from core.settings import Settings
from store import automations
from store.segments import add_members, put_segment, remove_members
from store.tables.automation import AutomationState
from tests.builders import an_order
from tests.product import EXAMPLES, Product, apply_example_templates, skipping_product
from tests.runs.test_recipes import assert_small
from tests.servers import SmtpServer

REGULAR = """
name: Regular
start: { segment: chosen, schedule: { at: "10:00" } }
steps: [ { wait: { id: pause, for: 30d } } ]
"""


@pytest.fixture
async def shop(
    settings: Settings, time_skipping_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> AsyncIterator[Product]:
    async with skipping_product(settings, time_skipping_env, smtp_server) as product:
        await apply_example_templates(product)
        yield product


async def _automation(product: Product, name: str) -> UUID:
    async with product.database.transaction() as session:
        return (await automations.find(session, name)).id


async def _rows(product: Product, sql: str) -> list[Any]:  # Any: rows
    async with product.database.transaction() as session:
        return list(await session.execute(text(sql)))


async def _member(product: Product, segment: str, **order: Any) -> UUID:  # Any: JSON
    """A contact with an order, put into a segment by hand."""
    made = an_order(**order)
    await product.post(made)
    await product.wait_for(made, "event", lambda found: len(found) == 1)
    sql = f"SELECT contact_id FROM \"order\" WHERE external_order_id = '{made['externalOrderId']}'"
    contact_id: UUID | None = None
    while contact_id is None:
        (contact_id,) = (await _rows(product, sql))[0]
    async with product.database.transaction() as session:
        await add_members(session, segment, [contact_id], source="test")
    return contact_id


async def _look(product: Product, name: str, due_at: datetime) -> Look:
    """What the schedule does at this moment; the time-skipping server has no schedules."""
    automation_id = await _automation(product, name)
    handle = await product.client.start_workflow(
        LAUNCH_MEMBERS_WORKFLOW,
        Look(automation_id=automation_id, due_at=due_at),
        id=f"{regular_schedule_id(automation_id)}-{due_at.isoformat()}",
        task_queue=QUEUE,
        result_type=Look,
    )
    return await handle.result()


async def test_win_back_writes_to_each_lapsed_customer_once_in_ninety_days(
    shop: Product, time_skipping_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> None:
    contact = await _member(shop, "lapsed")
    await shop.publish((EXAMPLES / "automations" / "win-back.yaml").read_text())
    begun = await time_skipping_env.get_current_time()
    for week in range(14):
        await time_skipping_env.sleep(timedelta(days=7))
        await _look(shop, "Win back", begun + timedelta(days=7 * week))
        # the letter goes out in real time: the next week comes after it
        turns = (
            "SELECT 1 FROM decision d JOIN order_event e ON e.id = d.event_id WHERE e.event_type = 'segmentMember' "
            "UNION ALL SELECT 1 FROM regular_launch WHERE known = 1"
        )
        await _until(shop, turns, count=week + 1)
        await _until(shop, "SELECT 1 FROM run WHERE state IN ('pending', 'running', 'waiting')", count=0)
    mails = await smtp_server.wait_for(2, seconds=60)
    assert len(mails) == 2
    told = await _rows(shop, "SELECT outcome, contact_id FROM decision d JOIN order_event e ON e.id = d.event_id "
                             "WHERE e.event_type = 'segmentMember' ORDER BY e.seq")  # fmt: skip
    assert [tuple(row) for row in told] == [("started", contact), ("suppressed", contact), ("started", contact)]
    looks = await _rows(shop, "SELECT launched, known FROM regular_launch ORDER BY due_at")
    assert [row.launched + row.known for row in looks] == [1] * 14
    for run in (await shop.http.get("/api/v1/runs", params={"state": "done"})).json()["runs"]:
        await assert_small(shop, run, "win-back", sends=1)


async def test_abandoned_carts_of_a_segment_are_reminded_of_until_their_owner_orders(
    shop: Product, time_skipping_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> None:
    order = an_order(status="ABANDONED_SHOPPING_CART")
    await _member(shop, "left carts", **order)
    await _member(shop, "left carts", status="ABANDONED_SHOPPING_CART")
    await shop.publish((EXAMPLES / "automations" / "abandoned-carts-segment.yaml").read_text())
    await _look(shop, "Abandoned carts of the day", await time_skipping_env.get_current_time())
    await smtp_server.wait_for(2, seconds=60)
    await _until(shop, "SELECT 1 FROM run WHERE state = 'waiting'", count=2)
    await shop.post(order | {"externalOrderId": "bought", "status": "INITIALIZED"})
    await _until(shop, "SELECT 1 FROM run WHERE state = 'stopped'", count=1)
    await time_skipping_env.sleep(timedelta(days=2))
    await _until(shop, "SELECT 1 FROM run WHERE state = 'done'", count=1)
    assert len(smtp_server.messages) == 3


async def test_a_look_that_is_killed_goes_on_and_tells_each_member_once(product: Product) -> None:
    await product.publish(REGULAR)
    async with product.database.transaction() as session:
        rows = await session.scalars(
            text("INSERT INTO contact (source) SELECT 'test' FROM generate_series(1, 12) RETURNING id")
        )
        contacts = list(rows)
        await add_members(session, "chosen", contacts, source="test")
    slow = product.settings.model_copy(update={"release_per_second": 1})
    activities = RegularActivities(product.database, Library(), product.client, slow)
    look = Look(automation_id=await _automation(product, "Regular"), due_at=datetime(2026, 11, 20, 10, tzinfo=UTC))
    first = await ActivityEnvironment().run(activities.launch_some, look)
    again = await ActivityEnvironment().run(activities.launch_some, look)
    assert (first.launched, first.pause_seconds, first.done, again) == (5, 5.0, False, first)
    while not (first := await ActivityEnvironment().run(activities.launch_some, first)).done:
        pass
    assert first.launched == 12
    await _until(product, "SELECT 1 FROM run", count=12)
    assert (
        len(await _rows(product, "SELECT DISTINCT contact_id FROM order_event WHERE automation_id IS NOT NULL")) == 12
    )
    # the next day: everybody has had theirs, which is told once and then known
    for day, launched in ((21, 12), (22, 0)):
        later = look.model_copy(update={"due_at": datetime(2026, 11, day, 10, tzinfo=UTC)})
        while not (later := await ActivityEnvironment().run(activities.launch_some, later)).done:
            pass
        await _until(product, "SELECT 1 FROM decision WHERE outcome = 'suppressed'", count=12)
        assert (later.launched, later.known) == (launched, 12 - launched)
    assert len(await _rows(product, "SELECT 1 FROM run")) == 12


async def test_who_left_the_segment_or_another_automation_is_not_meant(product: Product) -> None:
    contact = await _member(product, "chosen")
    await _member(product, "chosen")
    await product.publish(REGULAR)
    await product.publish(REGULAR.replace("name: Regular", "name: Other"))
    async with product.database.transaction() as session:
        await remove_members(session, "chosen", [contact])
    assert (await _look(product, "Regular", datetime.now(UTC))).launched == 1
    await _until(product, "SELECT 1 FROM run", count=1)
    (event,) = await _rows(product, "SELECT id FROM order_event WHERE event_type = 'segmentMember'")
    story = (await product.http.get(f"/api/v1/events/{event.id}/decisions")).json()
    assert [(one["automation"], one["outcome"]) for one in story["decisions"]] == [("Regular", "started")]
    looks = (await product.http.get("/api/v1/automations/Regular/looks")).json()
    assert [(one["launched"], one["known"], one["done"], one["reason"]) for one in looks["looks"]] == [
        (1, 0, True, None)
    ]
    assert looks["nextBefore"] is None
    earlier = {"before": looks["looks"][0]["dueAt"], "format": "csv"}
    nothing = await product.http.get("/api/v1/automations/Regular/looks", params=earlier)
    assert nothing.text == "dueAt,beganAt,endedAt,launched,known,done,reason\r\n"
    listed = (await product.http.get("/api/v1/runs?automation=Regular")).json()["runs"]
    assert [(one["eventType"], one["eventKey"]) for one in listed] == [("segmentMember", "chosen")]


async def test_the_sweep_keeps_the_schedule_as_the_automation_is(product: Product) -> None:
    """Publishing only commits: whatever dies before Temporal knows, the next sweep heals."""
    sweep = SweepActivities(product.database, product.client, product.settings)
    await _member(product, "chosen")
    await product.publish(REGULAR.replace('at: "10:00"', 'at: "10:00", on: [mon, fri], zone: Europe/Kyiv'))
    handle = product.client.get_schedule_handle(regular_schedule_id(await _automation(product, "Regular")))

    async def keep(state: AutomationState | None = None) -> None:
        async with product.database.transaction() as session:
            found = await automations.find_locked(session, "Regular")
            if state:
                await automations.set_state(session, found, state)
        await ActivityEnvironment().run(sweep.sweep)

    await keep()
    told = await handle.describe()
    moments = [moment.astimezone(ZoneInfo("Europe/Kyiv")) for moment in told.info.next_action_times]
    assert {(moment.weekday() in (0, 4), moment.hour, moment.minute) for moment in moments} == {(True, 10, 0)}
    await keep(AutomationState.PAUSED)
    assert (await handle.describe()).schedule.state.paused
    assert (await _look(product, "Regular", datetime.now(UTC))).launched == 0
    await keep(AutomationState.LIVE)
    assert not (await handle.describe()).schedule.state.paused
    await handle.trigger()
    await _until(product, "SELECT 1 FROM run WHERE state = 'waiting'", count=1)
    await product.publish(REGULAR)
    await keep()
    assert (await handle.describe()).schedule.spec.time_zone_name == "UTC"
    await keep(AutomationState.ARCHIVED)
    assert [one.id async for one in await product.client.list_schedules() if one.id == handle.id] == []


async def test_publishing_refuses_what_a_run_without_an_order_cannot_do(product: Product) -> None:
    wrong = REGULAR.replace("steps:", "stop: [ { event: orderCANCELLED } ]\nsteps:").replace("chosen", "chosn")
    wrong = wrong.replace("schedule:", "where: { field: order.totalCost, op: gte, value: 1 }, schedule:")
    async with product.database.transaction() as session:
        await put_segment(session, "chosen", None)
    answer = await product.http.put(
        "/api/v1/automations/Regular", content=wrong, headers={"Content-Type": "application/yaml"}
    )
    assert answer.status_code == 400
    assert [one["place"] for one in answer.json()["problems"]] == ["start.segment", "start.where", "stop[0].match"]
    right = await product.http.put(
        "/api/v1/automations/Regular", content=REGULAR, headers={"Content-Type": "application/yaml"}
    )
    assert right.status_code == 200, right.text
    assert (await product.http.delete("/api/v1/segments/chosen")).status_code == 409


async def _until(product: Product, sql: str, *, count: int) -> None:
    async with asyncio.timeout(60):
        while len(await _rows(product, sql)) != count:  # noqa: ASYNC110 - in the database
            await asyncio.sleep(0.05)
