"""`python -m bench.attribution`: the report of what messages led to, over many orders, beside the joins alone.

Bare is SQL by hand over the same rows that joins clicks to orders without asking which was last, and counts messages.
"""

import argparse
import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from sqlalchemy import text

from bench.figures import Figure, table, write
from bench.rfm import beside
from bench.rfm_rows import fill
from cli.embedded import EmbeddedPostgres
from store.attribution import Period, attribution
from store.schema import upgrade
from store.session import Database, open_database

_DAYS = (30, 366)
_ROWS = (
    """
    INSERT INTO automation (id, name, state) SELECT uuidv7(), 'bench ' || n, 'live' FROM generate_series(1, 20) AS n
    """,
    """
    INSERT INTO automation_version (automation_id, number, definition) SELECT id, 1, '{}' FROM automation
    """,
    """
    WITH version AS MATERIALIZED (
        SELECT automation_id, id, row_number() OVER (ORDER BY id) AS n FROM automation_version)
    INSERT INTO run (automation_id, version_id, event_seq, contact_id, dedupe_key, state, created_at)
    SELECT v.automation_id, v.id, 0, c.id, uuidv7()::text, 'done', now() - random() * interval '1095 days'
    FROM (SELECT id, 1 + floor(random() * 20) AS version FROM contact, generate_series(1, CAST(:each AS int))) c
    JOIN version v ON v.n = c.version
    """,
    """
    INSERT INTO message (id, run_id, step_id, channel, template, state, attempts, created_at, updated_at, sent_at,
                         opened_at, clicked_at)
    SELECT gen_random_uuid(), id, 'send-1', 'email', 'thanks', 'sent', 1, created_at, created_at, created_at,
           CASE WHEN luck < 0.3 THEN created_at + interval '2 hours' END,
           CASE WHEN luck < 0.1 THEN created_at + interval '3 hours' END
    FROM (SELECT id, created_at, random() AS luck FROM run) r
    """,
    """
    INSERT INTO message_feedback (message_id, source, event_id, kind, at)
    SELECT id, 'own', 'o' || id, 'opened', opened_at FROM message WHERE opened_at IS NOT NULL
    UNION ALL SELECT id, 'own', 'c' || id, 'clicked', clicked_at FROM message WHERE clicked_at IS NOT NULL
    """,
    "ANALYZE automation, automation_version, run, message, message_feedback",
)
_BARE = text("""
    SELECT (SELECT count(*) FROM message m JOIN run r ON r.id = m.run_id WHERE NOT r.test AND m.sent_at >= :since),
           (SELECT sum(o.total_cost) FROM message_feedback f JOIN message m ON m.id = f.message_id
            JOIN run r ON r.id = m.run_id JOIN "order" o ON o.contact_id = r.contact_id
            WHERE f.kind = 'clicked' AND f.at > CAST(:since AS timestamptz) - interval '168 hours' AND o.date >= :since
              AND o.date >= f.at AND o.date < f.at + interval '168 hours' AND o.status = 'DELIVERED')
""")


async def measure(orders: int, contacts: int, rounds: int) -> list[Figure]:
    """Milliseconds, each the median of the rounds."""
    with tempfile.TemporaryDirectory(prefix="ordercue-bench-") as folder:
        Path(folder).chmod(0o711)  # noqa: ASYNC240 - at once; PostgreSQL passes through as another user when this runs as root
        async with EmbeddedPostgres(Path(folder) / "postgres", forgetful=True) as postgres:
            url = await postgres.database("bench")
            await upgrade(url)
            database = open_database(url, pool_size=2)
            try:
                return await _measure(database, (orders, contacts), rounds)
            finally:
                await database.close()


async def _measure(database: Database, size: tuple[int, int], rounds: int) -> list[Figure]:
    (orders, contacts), now = size, datetime.now(UTC)
    await fill(database, orders, contacts, now)
    async with database.transaction() as session:
        for statement in _ROWS:
            each = {"each": max(1, orders // contacts)} if ":each" in statement else {}
            await session.execute(text(statement), each)
    figures = []
    for days in _DAYS:
        period = Period(now.date() - timedelta(days=days), now.date(), "UTC")
        since = datetime.combine(period.since, datetime.min.time(), UTC)
        for name, one in (("clicks", period), ("clicks and openings", Period(period.since, period.until, "UTC", 7, 3))):
            works = (lambda session, one=one: attribution(session, one, "automation"), _bare(since))
            label = f"attribution of {days} days by {name}"
            figures.append(await beside(database, label, works, None, rounds))
    return figures


def _bare(since: datetime) -> Any:  # Any: a Work of bench.rfm
    async def work(session: Any) -> None:
        (await session.execute(_BARE, {"since": since})).all()

    return work


def main() -> None:
    """Read the options, measure, tell."""
    parser = argparse.ArgumentParser(prog="python -m bench.attribution", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--contacts", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "attribution.json")
    given = parser.parse_args()
    figures = asyncio.run(measure(given.orders, given.contacts, given.rounds))
    Console().print(table(figures, title="Attribution beside its joins alone, same rows, same run"))
    write(given.out, figures, size={"orders": given.orders, "contacts": given.contacts, "rounds": given.rounds})


if __name__ == "__main__":
    main()
