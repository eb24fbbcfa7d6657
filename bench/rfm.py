"""`python -m bench.rfm`: RFM, segments and reports over many orders, each beside bare SQL over the same rows.

A touched contact's update is compared with itself over a tenth of the orders: it should not depend on their number. It
brings the contact's cell and one dynamic segment of five conditions up to date.

A full pass is measured as the first one, which writes every cell beside one INSERT of the aggregate by hand, and as the
nightly one, a day later in each round, so that contacts move: it compares all, writes and tells what changed. Beside
it stands the aggregate alone, which keeps nothing, and once the same done by hand in one statement.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from sqlalchemy import TextClause, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bench.figures import Figure, table, write
from bench.full_pass import Passes
from bench.rfm_rows import fill
from cli.embedded import EmbeddedPostgres
from core.segments.definition import read_condition
from store import reports, rfm
from store.account import Account
from store.refresh import refresh_touched
from store.schema import upgrade
from store.segment_sql import members_statement
from store.segments import put_segment
from store.session import Database, open_database
from store.tables import Order

_MS = 1000.0
_TOUCHED_MS = 5
_PEOPLE = 50
"""Who are touched in turns."""
_INDEPENDENT = 1.5
"""Ten times the orders may cost that much more: trees are a level deeper, caches hold less."""
_FIVE = {
    "all": [
        {"orders": "count", "op": "gte", "value": 2},
        {"orders": "average", "op": "gte", "value": 100},
        {"orders": "sum", "op": "gte", "value": 300},
        {"orders": "days_since_last", "op": "lte", "value": 180},
        {"contact": "language", "op": "eq", "value": "uk"},
    ]
}
_BARE_RFM = text("""
    SELECT count(*), sum(orders), max(last), sum(revenue) FROM (
        SELECT contact_id, count(*) AS orders, max(date) AS last, sum(total_cost) AS revenue FROM "order"
        WHERE status = 'DELIVERED' AND contact_id IS NOT NULL AND date <= :now GROUP BY contact_id) AS facts
""")
_BARE_SEGMENT = text("""
    SELECT count(*) FROM contact c JOIN (
        SELECT contact_id FROM "order" WHERE status = 'DELIVERED' AND date <= :now GROUP BY contact_id
        HAVING count(*) >= 2 AND avg(total_cost) FILTER (WHERE currency = 'UAH') >= 100
           AND sum(total_cost) FILTER (WHERE currency = 'UAH') >= 300
           AND max(date) >= CAST(:now AS timestamptz) - interval '4320 hours') AS bought ON bought.contact_id = c.id
    WHERE c.language = 'uk' AND c.deleted_at IS NULL AND c.merged_into IS NULL
""")
_BARE_REPORT = text("""
    SELECT (date AT TIME ZONE 'UTC')::date, currency, status, count(*), sum(total_cost) FROM "order"
    WHERE date >= CAST(:since AS date)::timestamp AT TIME ZONE 'UTC'
      AND date < (CAST(:until AS date) + 1)::timestamp AT TIME ZONE 'UTC' GROUP BY 1, 2, 3
""")
_BARE_CUSTOMERS = text("""
    SELECT (date AT TIME ZONE 'UTC')::date, count(DISTINCT contact_id) FROM "order"
    WHERE status = 'DELIVERED' AND contact_id IS NOT NULL AND date >= CAST(:since AS date)::timestamp AT TIME ZONE 'UTC'
      AND date < (CAST(:until AS date) + 1)::timestamp AT TIME ZONE 'UTC' GROUP BY 1
""")
_PLANNED_ANEW = text("SET LOCAL plan_cache_mode = force_custom_plan")
_TOUCH = text("""
    UPDATE "order" SET total_cost = total_cost + 1, version = version + 1 WHERE id = (
        SELECT id FROM "order" WHERE contact_id = :contact ORDER BY date LIMIT 1)
""")
Work = Callable[[AsyncSession], Awaitable[Any]]
"""Any: what is measured answers whatever it does."""


async def measure(
    orders: int, contacts: int, rounds: int, tell: Callable[[str], None] = lambda _: None, folder: Path | None = None
) -> list[Figure]:
    """All figures, in milliseconds; each the median of the rounds. Rows that a folder holds already are used again."""
    with tempfile.TemporaryDirectory(prefix="ordercue-bench-") as temporary:
        home = folder or Path(temporary)
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o711)
        async with EmbeddedPostgres(home / "postgres") as postgres, AsyncExitStack() as exits:
            filled = []
            for share in (10, 1):
                database = await _filled(postgres, max(1, orders // share), max(1, contacts // share), tell)
                exits.push_async_callback(database.close)
                filled.append(database)
            return await _measure(filled[0], filled[1], orders, rounds, tell)


async def _filled(postgres: EmbeddedPostgres, orders: int, contacts: int, tell: Callable[[str], None]) -> Database:
    url = await postgres.database(f"bench_{orders}_{contacts}")
    await upgrade(url)
    database = open_database(url, pool_size=2)
    async with database.transaction() as session:
        found = await session.scalar(select(func.count()).select_from(Order))
        await put_segment(session, "five", _FIVE)
    if found != orders:
        tell(f"filling {orders} orders")
        await fill(database, orders, contacts, datetime.now(UTC))
    return database


async def _measure(
    small: Database, database: Database, orders: int, rounds: int, tell: Callable[[str], None]
) -> list[Figure]:
    now = datetime.now(UTC)
    account = Account(now, ZoneInfo("UTC"), "UAH", ("15d", "1m", "2m", "3m", "6m", "12m"), (1, 2, 3, 5, 8, 11))
    tell("touching contacts")
    touched = await _touch((small, database), account, rounds)
    condition = read_condition(_FIVE)
    until = now.date()
    kept = reports.ReportFilter(until - timedelta(days=1200), until, "UTC")
    counted = reports.ReportFilter(
        kept.since, until, "Etc/UTC"
    )  # the same days by another name: not those that are kept
    passes = Passes(account)
    days: dict[str, date | datetime] = {"since": kept.since, "until": until}

    async def segment(session: AsyncSession) -> int | None:
        return await session.scalar(select(func.count()).select_from(members_statement(condition, account).subquery()))

    compared: list[tuple[str, Work, Work, float | None]] = [
        ("RFM grid", lambda one: rfm.grid(one, account, rfm.RfmFilter()), _bare(_BARE_RFM, now=now), 2.0),
        ("RFM scores", lambda one: rfm.scores(one, account, rfm.RfmFilter()), _bare(_BARE_RFM, now=now), None),
        ("first full pass, every cell written", passes.first, passes.first_by_hand, 2.0),
        ("nightly full pass, cells compared", passes.cells, _bare(_BARE_RFM, now=now), 2.0),
        ("nightly full pass, cells, beside the same by hand", passes.cells, passes.cells_by_hand, None),
        (
            "nightly full pass, cells and a segment",
            passes.cells_and_segment,
            _bare(_BARE_RFM, _BARE_SEGMENT, now=now),
            2.0,
        ),
        ("dynamic segment of five conditions", segment, _bare(_BARE_SEGMENT, now=now), 2.0),
        ("revenue by day, counted", lambda one: reports.revenue(one, counted), _bare(_BARE_REPORT, **days), 1.2),
        ("customers by day", lambda one: reports.customers(one, counted), _bare(_BARE_CUSTOMERS, **days), 1.2),
        (
            "revenue by day, from daily figures",
            lambda one: reports.revenue(one, kept),
            _bare(_BARE_REPORT, **days),
            0.1,
        ),
    ]
    async with database.transaction() as session:
        await reports.keep_figures(session, "UTC")
    figures = []
    for name, product, bare, limit in compared:
        tell(name)
        figures.append(await beside(database, name, (product, bare), limit, rounds))
    few, many = touched
    name = f"a touched contact's update among {orders} orders, and a tenth"
    met = many < _TOUCHED_MS and many / few < _INDEPENDENT
    target = f"< {_TOUCHED_MS} ms, ratio < {_INDEPENDENT}"
    return [*figures, Figure(name, "ms", many, few, many / few, target, met, rounds * 10)]


async def _touch(databases: Sequence[Database], account: Account, rounds: int) -> list[float]:
    """Median milliseconds, in each, of one contact's update after one of their orders changed.

    It is brought up to date in the transaction that changed it, as where orders are matched, which ends with or without
    it. Everybody was touched once before: whose order has just come has been read, and the statements are compiled.
    """
    took: list[list[float]] = [[] for _ in databases]
    chosen = text(
        "SELECT contact_id FROM \"order\" WHERE status = 'DELIVERED' ORDER BY external_order_id LIMIT :people"
    )
    people = []
    for database in databases:
        async with database.transaction() as session:
            people.append(list(await session.scalars(chosen, {"people": _PEOPLE})))
    for number in range(_PEOPLE + rounds * 10):
        for times, some, database in zip(took, people, databases, strict=True):
            async with database.transaction() as session:
                await session.execute(_TOUCH, {"contact": some[number % len(some)]})
                begun = time.perf_counter()
                await refresh_touched(session, account)
                times.append((time.perf_counter() - begun) * _MS)
    return [median(times[_PEOPLE:]) for times in took]


async def beside(database: Database, name: str, works: tuple[Work, Work], limit: float | None, rounds: int) -> Figure:
    """The product's work and the bare one in turns; the first pair compiles and warms up."""
    product, bare = works
    pairs = [(await _took(database, product), await _took(database, bare)) for _ in range(rounds + 1)][1:]
    ratio = median(one / other for one, other in pairs)
    return Figure(
        name,
        "ms",
        median(one for one, _ in pairs),
        median(other for _, other in pairs),
        ratio,
        f"ratio ≤ {limit}" if limit else "",
        ratio <= limit if limit else None,
        rounds,
    )


async def _took(database: Database, work: Work) -> float:
    begun = time.perf_counter()
    async with database.transaction() as session:
        await work(session)
    return (time.perf_counter() - begun) * _MS


def _bare(*statements: TextClause, **given: date | datetime) -> Work:
    """By hand with its values written out: planned for them, and not by what PostgreSQL keeps of earlier rounds."""

    async def work(session: AsyncSession) -> None:
        await session.execute(_PLANNED_ANEW)
        for statement in statements:
            (await session.execute(statement, given)).all()

    return work


def main() -> None:
    """Read the options, measure, tell."""
    parser = argparse.ArgumentParser(prog="python -m bench.rfm", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--contacts", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="keep the rows here, and use those that are here")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "figures.json")
    given = parser.parse_args()
    console = Console()
    with console.status("starting PostgreSQL") as status:
        figures = asyncio.run(measure(given.orders, given.contacts, given.rounds, status.update, given.folder))
    console.print(table(figures, title="RFM, segments and reports beside SQL written by hand, same rows, same run"))
    size = {"orders": given.orders, "contacts": given.contacts, "rounds": given.rounds}
    write(given.out, figures, size=size)


if __name__ == "__main__":
    main()
