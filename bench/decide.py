"""`python -m bench.decide`: one batch of 1000 events against 200 live automations, from its events to its decisions.

Each event concerns 40 of the automations (those of its status), and fulfils the conditions of two. The bare baseline is
what nobody can do without: writing the same decisions, ready made, from a table to the table.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path
from statistics import median
from uuid import UUID

from rich.console import Console
from sqlalchemy import event, text
from temporalio.testing import ActivityEnvironment

from activities.decide import DecideActivities
from activities.library import Library
from automation.definition import build_definition, definition_json
from bench.figures import Figure, table, write
from cli.embedded import EmbeddedPostgres
from core.contracts import Batches
from core.document import OrderStatus
from store import automations
from store.schema import upgrade
from store.session import Database, open_database

_AUTOMATIONS = 200
_TARGET_SECONDS = 1.0
_BATCH = text(
    "INSERT INTO event_batch (source, state, accepted, failed) VALUES ('bench', 'pending', :n, 0) RETURNING id"
)
_EVENTS = text("""
    WITH person AS (
        INSERT INTO contact (source) SELECT 'bench' FROM generate_series(1, CAST(:n AS int)) RETURNING id),
    numbered AS (SELECT id, row_number() OVER () AS n FROM person),
    made AS (
        INSERT INTO "order" (external_order_id, status, status_at, date, total_cost, currency, source, contact_id,
            version, content_hash)
        SELECT gen_random_uuid(), (CAST(:statuses AS text[]))[1 + n % 5], now(), now(), n % 20, 'UAH', 'bench',
            id, 1, ''
        FROM numbered RETURNING *)
    INSERT INTO order_event (event_type, event_key, effect, order_id, order_version, snapshot, contact_id, batch_id,
        occurred_at, matched_at)
    SELECT 'order' || status, external_order_id, 'acts', id, 1,
        jsonb_build_object('externalOrderId', external_order_id, 'status', status, 'totalCost', total_cost), contact_id,
        CAST(:batch_id AS uuid), now(), now()
    FROM made
""")
_KEEP = (
    text("CREATE TEMPORARY TABLE kept_decision ON COMMIT DROP AS SELECT * FROM decision"),
    text("CREATE TEMPORARY TABLE kept_unmatched ON COMMIT DROP AS SELECT * FROM unmatched"),
    text("TRUNCATE decision, unmatched"),
)
_BARE = (
    text("INSERT INTO decision SELECT * FROM kept_decision"),
    text("INSERT INTO unmatched SELECT * FROM kept_unmatched"),
)


async def measure(events: int, rounds: int) -> list[Figure]:
    """Seconds for a batch, statements, and the ratio to the bare insert; the median of the rounds."""
    with tempfile.TemporaryDirectory(prefix="ordercue-bench-") as folder:
        Path(folder).chmod(0o711)  # noqa: ASYNC240 - at once; PostgreSQL passes through as another user when this runs as root
        async with EmbeddedPostgres(Path(folder) / "postgres", forgetful=True) as postgres:
            url = await postgres.database("bench")
            await upgrade(url)
            database = open_database(url, pool_size=2)
            try:
                return await _measure(database, events, rounds)
            finally:
                await database.close()


async def _measure(database: Database, events: int, rounds: int) -> list[Figure]:
    async with database.transaction() as session:
        for number in range(_AUTOMATIONS):
            definition = build_definition(_automation(number))
            await automations.publish(session, definition.name, definition_json(definition))
    decide = DecideActivities(database, Library())
    spent: list[float] = []
    bare: list[float] = []
    counts: list[int] = []
    for _ in range(rounds + 1):  # the first compiles the definitions
        async with database.transaction() as session:
            batch_id: UUID = (await session.execute(_BATCH, {"n": events})).scalar_one()
            statuses = [str(status) for status in OrderStatus]
            await session.execute(_EVENTS, {"n": events, "batch_id": batch_id, "statuses": statuses})
        asked: list[str] = []

        def note(*arguments: object, asked: list[str] = asked) -> None:
            asked.append(str(arguments[2]))

        event.listen(database.engine.sync_engine, "before_cursor_execute", note)
        begun = time.perf_counter()
        await ActivityEnvironment().run(decide.decide, Batches(batch_ids=(batch_id,)))
        spent.append(time.perf_counter() - begun)
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
        counts.append(len(asked))
        bare.append(await _write_again(database))
    ratios = [one / other for one, other in zip(spent[1:], bare[1:], strict=True)]
    took = median(spent[1:])
    return [
        Figure(
            f"decide {events} events, {_AUTOMATIONS} automations",
            "s",
            took,
            median(bare[1:]),
            median(ratios),
            target=f"<= {_TARGET_SECONDS} s",
            met=took <= _TARGET_SECONDS,
            samples=rounds,
        ),
        Figure("statements of one decide", "", float(max(counts[1:])), samples=rounds),
    ]


async def _write_again(database: Database) -> float:
    """Seconds for writing the same decisions, and nothing else."""
    async with database.transaction() as session:
        for statement in _KEEP:
            await session.execute(statement)
        begun = time.perf_counter()
        for statement in _BARE:
            await session.execute(statement)
        took = time.perf_counter() - begun
        await session.execute(text("TRUNCATE decision, unmatched"))
    return took


def _automation(number: int) -> dict[str, object]:
    status = list(OrderStatus)[number % len(OrderStatus)]
    return {
        "name": f"Automation {number}",
        "start": {
            "event": f"order{status}",
            "where": {"all": [{"field": "order.totalCost", "op": "eq", "value": number // len(OrderStatus) % 20}]},
        },
        "stop": [{"event": "orderCANCELLED"}],
        "steps": [{"send": {"channel": "email", "template": "thanks"}}],
    }


def main() -> None:
    """Read the options, measure, tell."""
    parser = argparse.ArgumentParser(prog="python -m bench.decide", description=__doc__)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "decide.json")
    given = parser.parse_args()
    console = Console()
    with console.status("Deciding"):
        figures = asyncio.run(measure(given.events, given.rounds))
    console.print(table(figures))
    write(given.out, figures, size={"events": given.events, "rounds": given.rounds})


if __name__ == "__main__":
    main()
