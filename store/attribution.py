"""Which message led to which order, counted when asked for: a later cancellation, merge or setting needs no repair."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, Self
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.settings import Settings
from store.report_clock import BEGIN, END, moments_of

By = Literal["automation", "version", "step", "message"]
Rows = list[dict[str, Any]]
"""Any: columns of all types."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the account's zone, both included, and for how long a click or an opening leads to orders."""

    since: date
    until: date
    zone: str
    click_days: int = 7
    open_days: int = 0
    """0: an opening leads to no order."""
    lift_days: int = 30
    automation: str | None = None
    """Only this one's, by name. An order led by another one's message is still that one's."""

    @classmethod
    def of(cls, settings: Settings, since: date, until: date, automation: str | None = None) -> Self:
        """As the account is set."""
        days = (settings.attribution_click_days, settings.attribution_open_days, settings.attribution_lift_days)
        return cls(since, until, settings.account_zone, *days, automation)

    def params(self) -> dict[str, Any]:  # Any: parameters of all types
        """What the statements bind. Days are of 24 hours, whatever the clocks do."""
        return {
            **moments_of(self.zone, self.since, self.until),
            "clicked_for": self.click_days * 24,
            "opened_for": self.open_days * 24,
            "automation": self.automation,
        }


PLACED = "GREATEST(o.date, o.placed_at)"
"""When an order `o` was placed: a cart is one from the moment at which it becomes an order."""
SINCE = f"(o.date >= {BEGIN} OR o.placed_at >= {BEGIN})"
"""Placed in these days or later, so that indexes find it."""


def _hours(name: str) -> str:
    return f"make_interval(hours => CAST(:{name} AS int))"


def _touches(kind: str, hours: str) -> str:
    return f"""
        SELECT r.contact_id, f.message_id, f.at, f.kind FROM message_feedback f
        JOIN message m ON m.id = f.message_id JOIN run r ON r.id = m.run_id
        WHERE f.kind = '{kind}' AND f.at > {BEGIN} - {_hours(hours)} AND f.at < {END}
          AND r.contact_id IS NOT NULL AND NOT r.test
    """  # noqa: S608 (constants)


def _led(*, opens: bool, more: str = "") -> str:
    """Orders placed in these days, each with its one message. `touch` has what may have led to them."""
    touches = _touches("clicked", "clicked_for")
    if opens:
        touches += "UNION ALL" + _touches("opened", "opened_for")
    return f"""
    touch AS MATERIALIZED ({touches}),
    led AS MATERIALIZED (
        SELECT DISTINCT ON (o.id) o.id, o.external_order_id, o.status, o.currency, o.total_cost, {PLACED} AS placed,
               t.message_id, t.kind, t.at
        FROM touch t JOIN "order" o ON o.contact_id = t.contact_id
        WHERE o.status IN ('DELIVERED', 'INITIALIZED', 'IN_PROGRESS') AND {SINCE}
          AND o.date < {END} AND (o.placed_at IS NULL OR o.placed_at < {END}) AND t.at <= {PLACED}
          AND t.at > {PLACED} - CASE t.kind WHEN 'clicked' THEN {_hours("clicked_for")} ELSE {_hours("opened_for")} END
          {more}
        ORDER BY o.id DESC, t.kind, t.at DESC, t.message_id DESC
    )"""  # noqa: S608 (constants)


SENT = "m.sent_at IS NOT NULL"
DELIVERED = "COALESCE(m.delivered_at, m.opened_at, m.clicked_at, m.complained_at) IS NOT NULL"
OPENED = "COALESCE(m.opened_at, m.clicked_at) IS NOT NULL"
CLICKED = "m.clicked_at IS NOT NULL"
"""How far a message `m` came, whatever came after: who complained may have clicked before."""
_KEYS: dict[By, dict[str, str]] = {
    "automation": {"automation": "a.name"},
    "version": {"automation": "a.name", "version": "v.number"},
    "step": {"automation": "a.name", "step": "m.step_id"},
    "message": {"channel": "m.channel", "template": "m.template"},
}
_OF_MESSAGE = """
    JOIN run r ON r.id = m.run_id JOIN automation a ON a.id = r.automation_id
    JOIN automation_version v ON v.id = r.version_id
"""
_ONE = "(CAST(:automation AS text) IS NULL OR a.name = :automation)"
ORDER_COLUMNS = (
    *("id", "external_order_id", "status", "currency", "total_cost", "placed", "automation", "version", "step"),
    *("channel", "template", "message_id", "sent_at", "kind", "at"),
)
COUNTED = ("sent", "delivered", "opened", "clicked")
EARNED = ("currency", "orders", "revenue", "expected_orders", "expected")


def _statement(by: By, *, opens: bool) -> TextClause:
    keys = ", ".join(_KEYS[by])
    chosen = ", ".join(f"{column} AS {name}" for name, column in _KEYS[by].items())
    grouped = ", ".join(_KEYS[by].values())
    return text(f"""
    WITH {_led(opens=opens)},
    sent AS (
        SELECT {chosen}, count(*) AS sent, count(*) FILTER (WHERE {DELIVERED}) AS delivered,
               count(*) FILTER (WHERE {OPENED}) AS opened, count(*) FILTER (WHERE {CLICKED}) AS clicked
        FROM message m {_OF_MESSAGE} WHERE m.sent_at >= {BEGIN} AND m.sent_at < {END} AND NOT r.test AND {_ONE}
        GROUP BY {grouped}
    ), earned AS (
        SELECT {chosen}, led.currency, count(*) FILTER (WHERE led.status = 'DELIVERED') AS orders,
               COALESCE(sum(led.total_cost) FILTER (WHERE led.status = 'DELIVERED'), 0) AS revenue,
               count(*) FILTER (WHERE led.status <> 'DELIVERED') AS expected_orders,
               COALESCE(sum(led.total_cost) FILTER (WHERE led.status <> 'DELIVERED'), 0) AS expected
        FROM led JOIN message m ON m.id = led.message_id {_OF_MESSAGE} WHERE {_ONE} GROUP BY {grouped}, led.currency
    )
    SELECT {keys}, COALESCE(sent, 0) AS sent, COALESCE(delivered, 0) AS delivered, COALESCE(opened, 0) AS opened,
           COALESCE(clicked, 0) AS clicked, currency, COALESCE(orders, 0) AS orders, COALESCE(revenue, 0) AS revenue,
           COALESCE(expected_orders, 0) AS expected_orders, COALESCE(expected, 0) AS expected
    FROM sent FULL JOIN earned USING ({keys}) ORDER BY {keys}, currency
    """)  # noqa: S608 (constants)


_STATEMENTS = {(by, opens): _statement(by, opens=opens) for by in _KEYS for opens in (False, True)}


def _orders_statement(*, opens: bool) -> TextClause:
    before = "AND (CAST(:before AS uuid) IS NULL OR o.id < :before)"
    return text(f"""
    WITH {_led(opens=opens, more=before)}
    SELECT led.id, led.external_order_id, led.status, led.currency, led.total_cost, led.placed, a.name AS automation,
           v.number AS version, m.step_id AS step, m.channel, m.template, m.id AS message_id, m.sent_at,
           led.kind, led.at
    FROM led JOIN message m ON m.id = led.message_id {_OF_MESSAGE} WHERE {_ONE} ORDER BY led.id DESC LIMIT :limit
    """)  # noqa: S608 (constants)


_ORDERS = {opens: _orders_statement(opens=opens) for opens in (False, True)}


def columns(by: By) -> tuple[str, ...]:
    """Names of the report's columns, in their order."""
    return (*_KEYS[by], *COUNTED, *EARNED)


async def attribution(session: AsyncSession, period: Period, by: By) -> Rows:
    """Messages sent in these days and how far they came, and orders placed in these days that messages led to.

    One row for each currency; the counts of messages are repeated in each.
    """
    found = await session.execute(_STATEMENTS[by, period.open_days > 0], period.params())
    return [dict(row) for row in found.mappings()]


async def led_orders(session: AsyncSession, period: Period, *, before: UUID | None = None, limit: int = 50) -> Rows:
    """Orders placed in these days with the message that each is put down to, the one that came last first."""
    found = await session.execute(_ORDERS[period.open_days > 0], period.params() | {"before": before, "limit": limit})
    return [dict(row) for row in found.mappings()]


async def revenue_of_automations(session: AsyncSession, period: Period) -> dict[str, Rows]:
    """By the automation's name: a row for each currency with `orders`, `revenue` and what is expected."""
    found: dict[str, Rows] = {}
    for row in await attribution(session, replace(period, automation=None), "automation"):
        if row["currency"] is not None:
            found.setdefault(row["automation"], []).append({name: row[name] for name in EARNED})
    return found
