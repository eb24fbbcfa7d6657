"""Reports: revenue from the kept daily figures, customers, the funnel of statuses, what automations sent."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal, Self

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from store.attribution import CLICKED, OPENED, SENT, Period, revenue_of_automations

Unit = Literal["day", "week", "month"]
Rows = list[dict[str, Any]]
"""Any: columns of all types."""


_DAY_LONG = timedelta(days=1)
_MONTHS = 12


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

    def before(self) -> Self:
        """The same of the days right before: as many, or as many months when these are whole months."""
        last, following = self.since - _DAY_LONG, self.until + _DAY_LONG
        if self.since.day == following.day == 1:
            months = (following.year - self.since.year) * _MONTHS + following.month - self.since.month
            year, month = divmod(self.since.year * _MONTHS + self.since.month - 1 - months, _MONTHS)
            return replace(self, since=date(year, month + 1, 1), until=last)
        return replace(self, since=self.since - (following - self.since), until=last)


_WHERE = """
    (CAST(:store AS text) IS NULL OR store_id = :store) AND (CAST(:source AS text) IS NULL OR source = :source)
    AND (CAST(:currency AS text) IS NULL OR currency = :currency)
"""
_DAY = "(date AT TIME ZONE :zone)::date"
_UNTIL = "date < (CAST(:until AS date) + 1)::timestamp AT TIME ZONE :zone"
_RANGE = f"date >= CAST(:since AS date)::timestamp AT TIME ZONE :zone AND {_UNTIL}"


_REVENUE = """
    SELECT period, currency,
           COALESCE(sum(orders) FILTER (WHERE status = 'DELIVERED'), 0)::bigint AS orders,
           COALESCE(sum(total) FILTER (WHERE status = 'DELIVERED'), 0) AS revenue,
           round(sum(total) FILTER (WHERE status = 'DELIVERED')
                 / NULLIF(sum(orders) FILTER (WHERE status = 'DELIVERED'), 0), 2) AS average_check,
           COALESCE(sum(orders) FILTER (WHERE status IN ('INITIALIZED', 'IN_PROGRESS')), 0)::bigint AS expected_orders,
           COALESCE(sum(total) FILTER (WHERE status IN ('INITIALIZED', 'IN_PROGRESS')), 0) AS expected,
           COALESCE(sum(orders) FILTER (WHERE status = 'CANCELLED'), 0)::bigint AS cancelled_orders,
           COALESCE(sum(total) FILTER (WHERE status = 'CANCELLED'), 0) AS cancelled
    FROM ({rows}) AS found WHERE orders <> 0 GROUP BY 1, 2 ORDER BY 1, 2
"""
_PERIOD = "date_trunc(:unit, {day}::timestamp)::date AS period"
_KEPT = text(
    _REVENUE.format(
        rows=f"""
    SELECT {_PERIOD.format(day="day")}, currency, status, sum(orders) AS orders, sum(total) AS total FROM daily_figure
    WHERE day BETWEEN :since AND :until AND {_WHERE} GROUP BY 1, 2, 3
"""  # noqa: S608 (constants)
    )
)
_COUNTED = text(
    _REVENUE.format(
        rows=f"""
    SELECT date_trunc(:unit, day::timestamp)::date AS period, currency, status, sum(orders) AS orders,
           sum(total) AS total
    FROM (SELECT {_DAY} AS day, currency, status, count(*) AS orders, sum(total_cost) AS total
          FROM "order" WHERE {_RANGE} AND {_WHERE} GROUP BY 1, 2, 3) AS days
    GROUP BY 1, 2, 3
"""  # noqa: S608 (constants)
    )
)
# A contact's periods come from the index of their orders; the first of them says when they were new.
_CUSTOMERS = text(f"""
    WITH bought AS (
        SELECT contact_id, {_PERIOD.format(day=_DAY)}, max({_DAY}) AS last_day
        FROM "order" WHERE status = 'DELIVERED' AND contact_id IS NOT NULL AND {_UNTIL} AND {_WHERE} GROUP BY 1, 2
    ), told AS (
        SELECT period, last_day, period = min(period) OVER (PARTITION BY contact_id) AS first FROM bought
    )
    SELECT period, count(*) FILTER (WHERE first) AS new, count(*) FILTER (WHERE NOT first) AS returning
    FROM told WHERE last_day >= :since GROUP BY 1 ORDER BY 1
""")  # noqa: S608 (constants)
_STATUSES = "ARRAY['ABANDONED_SHOPPING_CART', 'INITIALIZED', 'IN_PROGRESS', 'DELIVERED', 'CANCELLED']"
# When an order first had each of its statuses, as far as its events tell.
_REACHED = f"""
    WITH chosen AS MATERIALIZED (SELECT id, status FROM "order" WHERE {_RANGE} AND {_WHERE}),
    reached AS MATERIALIZED (
        SELECT e.order_id, substr(e.event_type, 6) AS status, min(e.occurred_at) AS at, min(e.seq) AS seq
        FROM order_event e JOIN chosen c ON c.id = e.order_id
        WHERE e.effect IN ('acts', 'historical') AND e.snapshot IS NOT NULL
          AND e.event_type = ANY(SELECT 'order' || unnest({_STATUSES}))
        GROUP BY 1, 2
    )
"""  # noqa: S608 (constants)
_FUNNEL = text(f"""
    {_REACHED}, timed AS (
        SELECT status, EXTRACT(epoch FROM at - min(at) OVER (PARTITION BY order_id))::float AS seconds FROM reached
    ), ever AS (
        SELECT status, count(*) AS orders, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median
        FROM timed GROUP BY 1
    )
    SELECT s.status, (SELECT count(*) FROM chosen WHERE chosen.status = s.status) AS now,
           COALESCE(ever.orders, 0) AS ever, ever.median AS median_seconds
    FROM unnest({_STATUSES}) WITH ORDINALITY AS s(status, n) LEFT JOIN ever ON ever.status = s.status ORDER BY s.n
""")  # noqa: S608 (constants)
_TRANSITIONS = text(f"""
    {_REACHED}, steps AS (
        SELECT lag(status) OVER w AS from_status, status AS to_status,
               EXTRACT(epoch FROM at - lag(at) OVER w)::float AS seconds
        FROM reached WINDOW w AS (PARTITION BY order_id ORDER BY at, seq)
    )
    SELECT from_status, to_status, count(*) AS orders,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median_seconds
    FROM steps WHERE from_status IS NOT NULL GROUP BY 1, 2
    ORDER BY array_position({_STATUSES}, from_status), array_position({_STATUSES}, to_status)
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


async def transitions(session: AsyncSession, wanted: ReportFilter) -> Rows:
    """From which status orders came to which next, how many, and the median time between the two."""
    return await _rows(session, _TRANSITIONS, wanted)


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
