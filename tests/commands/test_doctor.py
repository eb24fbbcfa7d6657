"""`ordercue doctor` as an operator calls it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from store.doctor import Finding, examine
from store.session import Database
from tests.builders import THANKS, an_order
from tests.commands.test_commands import Shell
from tests.product import Product


async def _findings(database: Database, patience: timedelta = timedelta()) -> dict[str, Finding]:
    async with database.transaction() as session:
        now = datetime.now(UTC) + timedelta(seconds=1)
        found = await examine(session, now=now, patience=patience, long_patience=timedelta(), window=timedelta(days=1))
    return {one.code: one for one in found}


async def test_all_is_well_when_everything_was_carried_out(product: Product) -> None:
    await product.publish(THANKS)
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "done")
    done = await Shell(product.settings).run("doctor", "--seconds", "0", "--minutes", "0", "--json")
    assert (done.code, done.json["healthy"]) == (0, True), done.out


async def test_what_stayed_undone_is_told_with_the_next_step(product: Product) -> None:
    await product.publish(THANKS)
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "done")
    async with product.database.transaction() as session:
        for statement in (
            "UPDATE message SET state = 'sending'",
            "UPDATE run SET state = 'pending'",
            "DELETE FROM decision",
            "UPDATE event_batch SET state = 'pending'",
        ):
            await session.execute(text(statement))
    findings = await _findings(product.database)
    assert {code: one.count for code, one in findings.items()} == {
        "events_without_decision": 1,
        "batches_without_execution": 1,
        "runs_without_workflow": 1,
        "messages_sending": 1,
    }
    done = await Shell(product.settings).run("doctor", "--seconds", "0", "--minutes", "0")
    assert done.code == 1
    assert done.out.count("Next: ") == 4
    assert order["externalOrderId"] in done.out


async def test_what_is_young_may_still_be_under_way(product: Product) -> None:
    order = an_order()
    await product.post(order)
    async with product.database.transaction() as session:
        await session.execute(text("UPDATE event_batch SET state = 'pending', decided_at = NULL"))
    findings = await _findings(product.database, timedelta(minutes=1))
    assert findings["batches_without_execution"].count == 0
    assert findings["events_without_decision"].count == 0
