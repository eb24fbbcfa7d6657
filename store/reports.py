"""Reports: revenue from the kept daily figures, customers, the funnel of statuses, what automations sent."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal, Self

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from store.attribution import CLICKED, OPENED, SENT, Period, revenue_of_automations
from store.report_clock import BEGIN, END, local_time, moments_of

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


_FILTERS = {"store": "store_id", "source": "source", "currency": "currency"}
"""Parameter and column of what a report may be narrowed to."""
_LOCAL = "date AT TIME ZONE :zone"
_DAY = f"({_LOCAL})::date"
_UNTIL = f"date < {END}"
_RANGE = f"date >= {BEGIN} AND {_UNTIL}"


# Sums of a status are never negative once all changes of its days are added up, so that no orders means no row.
_REVENUE = """
    SELECT {period_of_day} AS period, currency,
           COALESCE(sum(orders) FILTER (WHERE status = 'DELIVERED'), 0)::bigint AS orders,
           COALESCE(sum(total) FILTER (WHERE status = 'DELIVERED'), 0) AS revenue,
           round(sum(total) FILTER (WHERE status = 'DELIVERED')
                 / NULLIF(sum(orders) FILTER (WHERE status = 'DELIVERED'), 0), 2) AS average_check,
           COALESCE(sum(orders) FILTER (WHERE status IN ('INITIALIZED', 'IN_PROGRESS')), 0)::bigint AS expected_orders,
           COALESCE(sum(total) FILTER (WHERE status IN ('INITIALIZED', 'IN_PROGRESS')), 0) AS expected,
           COALESCE(sum(orders) FILTER (WHERE status = 'CANCELLED'), 0)::bigint AS cancelled_orders,
           COALESCE(sum(total) FILTER (WHERE status = 'CANCELLED'), 0) AS cancelled
    FROM {rows} GROUP BY 1, 2 HAVING sum(orders) <> 0 ORDER BY 1, 2
"""
_KEPT = _REVENUE.replace("{rows}", "daily_figure WHERE day BETWEEN :since AND :until{narrowed}")
_DAYS = f"""(
        SELECT {{day_of_order}} AS day, currency, status, count(*) AS orders, sum(total_cost) AS total
        FROM "order" WHERE {_RANGE}{{narrowed}} GROUP BY 1, 2, 3)
"""  # noqa: S608 (constants)
_COUNTED = f"WITH days AS MATERIALIZED {_DAYS} {_REVENUE.replace('{rows}', 'days')}"
# A contact's orders come sorted from their index; the last one of each period stands for the contact in it.
_CUSTOMERS = f"""
    WITH bought AS (
        SELECT date, {{period_of_order}} AS period, first_value({{period_of_order}}) OVER orders AS first,
               lead({{period_of_order}}) OVER orders AS next
        FROM "order" WHERE status = 'DELIVERED' AND contact_id IS NOT NULL AND {_UNTIL}{{narrowed}}{{whose}}
        WINDOW orders AS (PARTITION BY contact_id ORDER BY {{period_of_order}}, date ROWS UNBOUNDED PRECEDING)
    )
    SELECT period, count(*) FILTER (WHERE period = first) AS new, count(*) FILTER (WHERE period > first) AS returning
    FROM bought WHERE date >= {BEGIN} AND next IS DISTINCT FROM period GROUP BY 1 ORDER BY 1
"""  # noqa: S608 (constants)
_FEW_DAYS = timedelta(days=92)
"""In so few days so few contacts buy that their orders are looked up one by one; else reading all orders is faster."""
_WHOSE = f"""
        AND contact_id = ANY(ARRAY(
            SELECT DISTINCT contact_id FROM "order" WHERE status = 'DELIVERED' AND contact_id IS NOT NULL AND {_RANGE}))
"""  # noqa: S608 (constants)
_STATUSES = "ARRAY['ABANDONED_SHOPPING_CART', 'INITIALIZED', 'IN_PROGRESS', 'DELIVERED', 'CANCELLED']"
# When an order first had each of its statuses, as far as its events tell.
_REACHED = f"""
    WITH chosen AS MATERIALIZED (SELECT id, status FROM "order" WHERE {_RANGE}{{narrowed}}),
    reached AS MATERIALIZED (
        SELECT e.order_id, substr(e.event_type, 6) AS status, min(e.occurred_at) AS at, min(e.seq) AS seq
        FROM order_event e JOIN chosen c ON c.id = e.order_id
        WHERE e.effect IN ('acts', 'historical') AND e.snapshot IS NOT NULL
          AND e.event_type = ANY(SELECT 'order' || unnest({_STATUSES}))
        GROUP BY 1, 2
    )
"""  # noqa: S608 (constants)
_FUNNEL = f"""
    {_REACHED}, timed AS (
        SELECT status, EXTRACT(epoch FROM at - min(at) OVER (PARTITION BY order_id))::float AS seconds FROM reached
    ), ever AS (
        SELECT status, count(*) AS orders, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median
        FROM timed GROUP BY 1
    )
    SELECT s.status, (SELECT count(*) FROM chosen WHERE chosen.status = s.status) AS now,
           COALESCE(ever.orders, 0) AS ever, ever.median AS median_seconds
    FROM unnest({_STATUSES}) WITH ORDINALITY AS s(status, n) LEFT JOIN ever ON ever.status = s.status ORDER BY s.n
"""  # noqa: S608 (constants)
_TRANSITIONS = f"""
    {_REACHED}, steps AS (
        SELECT lag(status) OVER w AS from_status, status AS to_status,
               EXTRACT(epoch FROM at - lag(at) OVER w)::float AS seconds
        FROM reached WINDOW w AS (PARTITION BY order_id ORDER BY at, seq)
    )
    SELECT from_status, to_status, count(*) AS orders,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median_seconds
    FROM steps WHERE from_status IS NOT NULL GROUP BY 1, 2
    ORDER BY array_position({_STATUSES}, from_status), array_position({_STATUSES}, to_status)
"""  # noqa: S608 (constants)
_AUTOMATIONS = f"""
    WITH launched AS (
        SELECT r.id, r.automation_id FROM run r WHERE NOT r.test
          AND r.created_at >= {BEGIN} AND r.created_at < {END}
    )
    SELECT a.name AS automation, count(DISTINCT l.id) AS runs, count(m.id) FILTER (WHERE {SENT}) AS sent,
           count(m.id) FILTER (WHERE {OPENED}) AS opened, count(m.id) FILTER (WHERE {CLICKED}) AS clicked
    FROM launched l JOIN automation a ON a.id = l.automation_id LEFT JOIN message m ON m.run_id = l.id
    GROUP BY 1 ORDER BY 1
"""  # noqa: S608 (constants)
_ZONE = text("SELECT zone FROM figure_zone")
# The plan that a connection keeps for any days would be wrong for three years or for a week.
_PLANNED_ANEW = text("SET LOCAL plan_cache_mode = force_custom_plan")
_FOLD = text("""
    WITH last AS (SELECT max(seq) AS seq FROM daily_figure),
    several AS (
        SELECT day, store_id, source, currency, status FROM daily_figure WHERE seq <= (SELECT seq FROM last)
        GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1 OR (sum(orders) = 0 AND sum(total) = 0)
    ),
    gone AS (
        DELETE FROM daily_figure f USING several s
        WHERE f.seq <= (SELECT seq FROM last) AND f.day = s.day AND f.store_id IS NOT DISTINCT FROM s.store_id
          AND (f.source, f.currency, f.status) = (s.source, s.currency, s.status)
        RETURNING f.*
    )
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
    few = wanted.until - wanted.since < _FEW_DAYS
    return await _rows(session, _CUSTOMERS.replace("{whose}", _WHOSE if few else ""), wanted)


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


async def _rows(session: AsyncSession, template: str, wanted: ReportFilter) -> Rows:
    filters = {"store": wanted.store_id, "source": wanted.source, "currency": wanted.currency}
    narrowed = tuple(name for name, value in filters.items() if value is not None)
    local = local_time(wanted.zone, wanted.since, wanted.until) or _LOCAL
    statement, named = _statement(template, wanted.unit, narrowed, local)
    days = {"since": wanted.since, "until": wanted.until, "zone": wanted.zone}
    given = filters | days | moments_of(wanted.zone, wanted.since, wanted.until)
    await session.execute(_PLANNED_ANEW)
    found = await session.execute(statement, {name: given[name] for name in named})
    names = tuple(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found]


@lru_cache(maxsize=200)
def _statement(template: str, unit: Unit, narrowed: tuple[str, ...], local: str) -> tuple[TextClause, tuple[str, ...]]:
    """The statement and its parameters. It asks of a row only what narrows this report: each question costs."""
    parts = {
        "narrowed": "".join(f" AND {_FILTERS[name]} = :{name}" for name in narrowed),
        "period_of_day": "day" if unit == "day" else f"date_trunc('{unit}', day::timestamp)::date",
        "day_of_order": f"({local})::date",
        "period_of_order": f"({local})::date" if unit == "day" else f"date_trunc('{unit}', {local})::date",
    }
    for name, part in parts.items():
        template = template.replace(f"{{{name}}}", part)
    statement = text(template)
    return statement, tuple(statement.compile().params)
