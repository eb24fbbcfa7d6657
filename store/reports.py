"""Reports: revenue from the kept daily figures, customers, the funnel of statuses, what automations sent."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from store.attribution import CLICKED, OPENED, SENT, Period, revenue_of_automations

Unit = Literal["day", "week", "month"]
Rows = list[dict[str, Any]]
"""Any: columns of all types."""


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """Days of the account's zone from `since` up to, and with, `until`."""

    since: date
    until: date
    zone: str
    unit: Unit = "day"
    store_id: str | None = None
    source: str | None = None
    currency: str | None = None
    click_days: int = 7
    """For so long a click leads to orders; see store.attribution."""
    open_days: int = 0


_WHERE = """
    (CAST(:store AS text) IS NULL OR store_id = :store) AND (CAST(:source AS text) IS NULL OR source = :source)
    AND (CAST(:currency AS text) IS NULL OR currency = :currency)
"""
_DAY = "(date AT TIME ZONE :zone)::date"
_RANGE = """
    date >= CAST(:since AS date)::timestamp AT TIME ZONE :zone
    AND date < (CAST(:until AS date) + 1)::timestamp AT TIME ZONE :zone
"""


def _revenue(kept: str) -> str:
    return f"""
    SELECT date_trunc(:unit, day::timestamp)::date AS period, currency,
           COALESCE(sum(orders) FILTER (WHERE status = 'DELIVERED'), 0)::bigint AS orders,
           COALESCE(sum(total) FILTER (WHERE status = 'DELIVERED'), 0) AS revenue,
           round(sum(total) FILTER (WHERE status = 'DELIVERED')
                 / NULLIF(sum(orders) FILTER (WHERE status = 'DELIVERED'), 0), 2) AS average_check,
           COALESCE(sum(orders) FILTER (WHERE status IN ('INITIALIZED', 'IN_PROGRESS')), 0)::bigint AS expected_orders,
           COALESCE(sum(total) FILTER (WHERE status IN ('INITIALIZED', 'IN_PROGRESS')), 0) AS expected,
           COALESCE(sum(orders) FILTER (WHERE status = 'CANCELLED'), 0)::bigint AS cancelled_orders,
           COALESCE(sum(total) FILTER (WHERE status = 'CANCELLED'), 0) AS cancelled
    FROM ({kept}) AS kept GROUP BY 1, 2 HAVING bool_or(orders <> 0) ORDER BY 1, 2
    """  # noqa: S608 (constants)


_KEPT_ROWS = f"""
    SELECT day, store_id, source, currency, status, sum(orders) AS orders, sum(total) AS total FROM daily_figure
    WHERE day BETWEEN :since AND :until AND {_WHERE} GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608 (constants)
_COUNTED_ROWS = f"""
    SELECT {_DAY} AS day, currency, status, count(*) AS orders, sum(total_cost) AS total
    FROM "order" WHERE {_RANGE} AND {_WHERE} GROUP BY 1, 2, 3
"""  # noqa: S608 (constants)
_KEPT, _COUNTED = text(_revenue(_KEPT_ROWS)), text(_revenue(_COUNTED_ROWS))
_CUSTOMERS = text(f"""
    WITH bought AS (
        SELECT contact_id, date_trunc(:unit, {_DAY}::timestamp)::date AS period,
               min({_DAY}) OVER (PARTITION BY contact_id) AS first, {_DAY} AS day
        FROM "order" WHERE status = 'DELIVERED' AND contact_id IS NOT NULL AND {_WHERE}
    )
    SELECT period, count(DISTINCT contact_id) FILTER (WHERE first >= period) AS new,
           count(DISTINCT contact_id) FILTER (WHERE first < period) AS returning
    FROM bought WHERE day BETWEEN :since AND :until GROUP BY 1 ORDER BY 1
""")  # noqa: S608 (constants)
_FUNNEL = text(f"""
    WITH chosen AS (SELECT id, status FROM "order" WHERE {_RANGE} AND {_WHERE}),
    reached AS (
        SELECT e.order_id, substr(e.event_type, 6) AS status, min(e.occurred_at) AS at
        FROM order_event e JOIN chosen c ON c.id = e.order_id
        WHERE e.effect IN ('acts', 'historical') AND e.snapshot IS NOT NULL AND e.event_type LIKE 'order%'
        GROUP BY 1, 2
    ), timed AS (
        SELECT r.status, EXTRACT(epoch FROM r.at - min(o.at))::float AS seconds
        FROM reached r JOIN reached o ON o.order_id = r.order_id AND o.at <= r.at GROUP BY r.order_id, r.status, r.at
    )
    SELECT s.status, (SELECT count(*) FROM chosen WHERE chosen.status = s.status) AS now,
           (SELECT count(*) FROM reached WHERE reached.status = s.status) AS ever,
           (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FROM timed WHERE timed.status = s.status)
               AS median_seconds
    FROM unnest(ARRAY['ABANDONED_SHOPPING_CART', 'INITIALIZED', 'IN_PROGRESS', 'DELIVERED', 'CANCELLED']) AS s(status)
""")  # noqa: S608 (constants)
_AUTOMATIONS = text(f"""
    WITH launched AS (
        SELECT r.id, r.automation_id FROM run r WHERE NOT r.test
          AND r.created_at >= CAST(:since AS date)::timestamp AT TIME ZONE :zone
          AND r.created_at < (CAST(:until AS date) + 1)::timestamp AT TIME ZONE :zone
    )
    SELECT a.name AS automation, count(DISTINCT l.id) AS runs, count(m.id) FILTER (WHERE {SENT}) AS sent,
           count(m.id) FILTER (WHERE {OPENED}) AS opened, count(m.id) FILTER (WHERE {CLICKED}) AS clicked
    FROM launched l JOIN automation a ON a.id = l.automation_id LEFT JOIN message m ON m.run_id = l.id
    GROUP BY 1 ORDER BY 1
""")  # noqa: S608 (constants)
_ZONE = text("SELECT zone FROM figure_zone")
_FOLD = text("""
    WITH last AS (SELECT max(seq) AS seq FROM daily_figure),
    gone AS (DELETE FROM daily_figure WHERE seq <= (SELECT seq FROM last) RETURNING *)
    INSERT INTO daily_figure (day, store_id, source, currency, status, orders, total)
    SELECT day, store_id, source, currency, status, sum(orders), sum(total) FROM gone
    GROUP BY 1, 2, 3, 4, 5 HAVING sum(orders) <> 0 OR sum(total) <> 0
""")
_REBUILD = (
    text('LOCK TABLE "order" IN SHARE MODE'),  # nobody writes an order between the two
    text("DELETE FROM daily_figure"),
    text("UPDATE figure_zone SET zone = :zone"),
    text(f"""
        INSERT INTO daily_figure (day, store_id, source, currency, status, orders, total)
        SELECT {_DAY}, store_id, source, currency, status, count(*), sum(total_cost) FROM "order" GROUP BY 1, 2, 3, 4, 5
    """),  # noqa: S608 (constants)
)


async def revenue(session: AsyncSession, wanted: ReportFilter) -> Rows:
    """Each period and currency: DELIVERED orders, what is expected, and what was cancelled."""
    kept = await session.scalar(_ZONE) == wanted.zone
    return await _rows(session, _KEPT if kept else _COUNTED, wanted)


async def customers(session: AsyncSession, wanted: ReportFilter) -> Rows:
    """Each period: who bought for the first time in it, and who had bought before it began."""
    return await _rows(session, _CUSTOMERS, wanted)


async def funnel(session: AsyncSession, wanted: ReportFilter) -> Rows:
    """Orders by status, now and ever, with the median time from an order's first status to that one."""
    return await _rows(session, _FUNNEL, wanted)


async def automations(session: AsyncSession, wanted: ReportFilter) -> Rows:
    """Runs launched in these days, test launches left out, how far their messages came, and what messages earned.

    `orders` and `revenue` are of orders placed in these days; one row for each currency.
    """
    found = {row["automation"]: row for row in await _rows(session, _AUTOMATIONS, wanted)}
    period = Period(wanted.since, wanted.until, wanted.zone, wanted.click_days, wanted.open_days)
    earned = await revenue_of_automations(session, period)
    nothing = {"currency": None, "orders": 0, "revenue": Decimal()}
    told = []
    for name in sorted(found.keys() | earned.keys()):
        counts = found.get(name) or {"automation": name, "runs": 0, "sent": 0, "opened": 0, "clicked": 0}
        wanted_ones = [one for one in earned.get(name, []) if wanted.currency in {None, one["currency"]}]
        told += [counts | {column: one[column] for column in nothing} for one in wanted_ones or [nothing]]
    return told


async def keep_figures(session: AsyncSession, zone: str) -> None:
    """Fold what the trigger appended; count anew when the account's zone has changed."""
    if await session.scalar(_ZONE) == zone:
        await session.execute(_FOLD)
        return
    for statement in _REBUILD:
        needed = {"zone": zone} if "zone" in statement.compile().params else {}
        await session.execute(statement, needed)


async def _rows(session: AsyncSession, statement: Any, wanted: ReportFilter) -> Rows:  # Any: TextClause
    given = {
        "since": wanted.since,
        "until": wanted.until,
        "zone": wanted.zone,
        "unit": wanted.unit,
        "store": wanted.store_id,
        "source": wanted.source,
        "currency": wanted.currency,
    }
    named = statement.compile().params
    found = await session.execute(statement, {name: value for name, value in given.items() if name in named})
    return [dict(row) for row in found.mappings()]
