"""`ordercue doctor` as an operator calls it."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities.sweep import SweepActivities
from cli.ports import free_port
from core.settings import Settings
from store.doctor import Finding, examine
from store.session import Database
from tests.builders import THANKS, an_order
from tests.product import Product, running_api
from tests.shell import Done, Shell
from worker.main import running_workers

_AT_ONCE = ("doctor", "--seconds", "0", "--minutes", "0")
_NOTHING = {
    "events_without_decision": 0,
    "batches_without_execution": 0,
    "runs_without_workflow": 0,
    "messages_sending": 0,
}
_CAUSES = {
    "events_without_decision": "DELETE FROM decision",
    "batches_without_execution": "UPDATE event_batch SET state = 'pending', decided_at = now()",
    "runs_without_workflow": "UPDATE run SET state = 'pending'",
    "messages_sending": "UPDATE message SET state = 'sending'",
}


def _counts(done: Done) -> dict[str, int]:
    return {one["code"]: one["count"] for one in done.json["findings"]}


async def _findings(database: Database, patience: timedelta = timedelta()) -> dict[str, Finding]:
    """What there is to find, by its code."""
    async with database.transaction() as session:
        now = datetime.now(UTC) + timedelta(seconds=1)
        found = await examine(session, now=now, patience=patience, long_patience=timedelta(), window=timedelta(days=1))
    return {one.code: one for one in found if one.count}


async def test_each_kind_of_what_stayed_undone_is_told_with_why_and_what_to_do(product: Product) -> None:
    shell = Shell(product.settings)
    await product.publish(THANKS)
    never = "event: orderDELIVERED\n  where: { field: order.totalCost, op: lt, value: 0 }"
    await product.publish(THANKS.replace("name: Thanks", "name: Never").replace("event: orderDELIVERED", never))
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "done")
    well = await shell.run(*_AT_ONCE, "--json")
    assert (well.code, well.json["healthy"], _counts(well)) == (0, True, _NOTHING), well.out
    for number, (code, cause) in enumerate(_CAUSES.items(), start=1):
        async with product.database.transaction() as session:
            await session.execute(text(cause))
        assert (await _findings(product.database)).keys() == set(list(_CAUSES)[:number]), code
    told = await shell.run(*_AT_ONCE)
    assert told.code == 1
    assert f"orderDELIVERED {order['externalOrderId']}" in told.out
    for finding in (await _findings(product.database)).values():
        assert str(finding.examples[0]["id"]) in told.out
        for line in (f"       1  {finding.title}", f"Why:  {finding.why}", f"Next: {finding.next_step}"):
            assert line in told.out


async def test_what_temporal_was_not_told_is_found_until_the_sweeper_has_run(
    live_settings: Settings, temporal_env: WorkflowEnvironment
) -> None:
    away = live_settings.model_copy(update={"temporal_address": f"127.0.0.1:{free_port(0)}"})
    shell = Shell(live_settings)
    async with running_api(away, temporal_env.client) as product:
        await product.publish(THANKS)
        await product.post(an_order())
        before = await shell.run(*_AT_ONCE, "--json")
        assert (before.code, before.json["healthy"]) == (1, False)
        assert _counts(before) == _NOTHING | {"events_without_decision": 1, "batches_without_execution": 1}
        back = live_settings.model_copy(update={"sweep_after_seconds": 0})
        async with running_workers(temporal_env.client, back):
            await _sweep(product.database, temporal_env, back)
            async with asyncio.timeout(60):
                while await _findings(product.database):  # noqa: ASYNC110 - in PostgreSQL
                    await asyncio.sleep(0.1)
        after = await shell.run(*_AT_ONCE, "--json")
    assert (after.code, after.json["healthy"]) == (0, True), after.out


async def test_what_is_young_may_still_be_under_way(product: Product) -> None:
    order = an_order()
    await product.post(order)
    async with product.database.transaction() as session:
        await session.execute(text("UPDATE event_batch SET state = 'pending', decided_at = NULL"))
    assert not await _findings(product.database, timedelta(minutes=1))


async def _sweep(database: Database, environment: WorkflowEnvironment, settings: Settings) -> None:
    await ActivityEnvironment().run(SweepActivities(database, environment.client, settings).sweep)
