"""Arms of splits compared with their holdout: what people bought after they were divided, whatever led them to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json
from core.lift import Amounts, Lift, amount_lift, conversion_lift
from store.attribution import PLACED, SINCE, Period, Rows
from store.report_clock import BEGIN, END, moments_of

ARM_COLUMNS: tuple[str, ...] = (
    *("automation", "split", "arm", "holdout", "contacts", "converted", "conversion"),
    *("lift", "lift_low", "lift_high", "currency", "orders", "revenue", "revenue_per_contact"),
    *("revenue_lift", "revenue_lift_low", "revenue_lift_high"),
)
_DEFINITIONS = text("""
    SELECT v.id, a.name, v.definition FROM automation_version v JOIN automation a ON a.id = v.automation_id
    WHERE strpos(CAST(v.definition AS text), '"split"') > 0
      AND (CAST(:automation AS text) IS NULL OR a.name = :automation)
""")
# Everybody once, in the arm that they took first in these days.
_ENTERED = f"""
    WITH split AS MATERIALIZED (SELECT * FROM json_to_recordset(CAST(:splits AS json))
        AS s(version_id uuid, automation text, split text, arm text, holdout boolean)),
    entered AS MATERIALIZED (
        SELECT DISTINCT ON (s.automation, s.split, r.contact_id)
               s.automation, s.split, s.arm, s.holdout, r.contact_id, p.at
        FROM step_result p JOIN run r ON r.id = p.run_id
        JOIN split s ON s.version_id = r.version_id AND s.split = p.step_id AND s.arm = p.result ->> 'branch'
        WHERE p.at >= {BEGIN} AND p.at < {END} AND NOT r.test AND r.contact_id IS NOT NULL
        ORDER BY s.automation, s.split, r.contact_id, p.at, r.id
    ), bought AS MATERIALIZED (
        SELECT e.automation, e.split, e.arm, e.contact_id, o.currency, count(*) AS orders, sum(o.total_cost) AS revenue
        FROM entered e JOIN "order" o ON o.contact_id = e.contact_id
        WHERE o.status = 'DELIVERED' AND {SINCE} AND {PLACED} >= e.at
          AND {PLACED} < e.at + make_interval(hours => CAST(:hours AS int))
        GROUP BY 1, 2, 3, 4, 5
    )
"""  # noqa: S608 (constants)
_ARMS = text(f"""{_ENTERED}, people AS (
        SELECT automation, split, arm, bool_or(holdout) AS holdout, count(*) AS contacts FROM entered GROUP BY 1, 2, 3
    ), buyers AS (SELECT automation, split, arm, count(DISTINCT contact_id) AS converted FROM bought GROUP BY 1, 2, 3)
    , sums AS (
        SELECT automation, split, arm, currency, sum(orders) AS orders, CAST(sum(revenue) AS text) AS revenue,
               CAST(sum(revenue * revenue) AS text) AS squares FROM bought GROUP BY 1, 2, 3, 4
    ), money AS (
        SELECT automation, split, arm, json_object_agg(currency, json_build_array(orders, revenue, squares)) AS money
        FROM sums GROUP BY 1, 2, 3
    )
    SELECT automation, split, arm, holdout, contacts, COALESCE(converted, 0) AS converted,
           COALESCE(money, '{{}}') AS money
    FROM people LEFT JOIN buyers USING (automation, split, arm) LEFT JOIN money USING (automation, split, arm)
    ORDER BY 1, 2, holdout, 3
""")  # noqa: S608 (constants)


@dataclass(frozen=True, slots=True)
class _Arm:
    automation: str
    split: str
    arm: str
    holdout: bool
    contacts: int
    converted: int
    money: Mapping[str, tuple[int, str, str]] = field(default_factory=dict)
    """By currency: orders, revenue, and the sum of the squares of each person's revenue."""

    def amounts(self, currency: str) -> Amounts:
        _, revenue, squares = self.money.get(currency, (0, "0", "0"))
        return Amounts(self.contacts, float(revenue), float(squares))


async def arms(session: AsyncSession, period: Period) -> Rows:
    """People divided in these days, by arm; for each currency in which one of them bought, a row of each arm."""
    found = await session.execute(_DEFINITIONS, {"automation": period.automation})
    splits = [
        {"version_id": row.id, "automation": row.name} | arm for row in found for arm in _splits_of(row.definition)
    ]
    params = {"hours": period.lift_days * 24, "splits": dump_json(splits).decode()}
    rows = await session.execute(_ARMS, params | moments_of(period.zone, period.since, period.until))
    told = [_Arm(**row) for row in rows.mappings()]
    return [
        row
        for _, together in groupby(told, key=lambda one: (one.automation, one.split))
        for row in _compared(list(together))
    ]


def _splits_of(part: Any) -> Iterator[dict[str, Any]]:  # Any: JSON
    """Each arm of each split in a definition."""
    if isinstance(part, list):
        for one in part:
            yield from _splits_of(one)
    elif isinstance(part, dict):
        split = part.get("split")
        if len(part) == 1 and isinstance(split, dict):
            for arm in split["arms"]:
                yield {"split": split["id"], "arm": arm["name"], "holdout": bool(arm.get("holdout"))}
        for one in part.values():
            yield from _splits_of(one)


def _compared(together: list[_Arm]) -> Iterator[dict[str, Any]]:  # Any: columns
    """The arms of one split, those of a holdout last; each compared with the people of all holdout arms."""
    holdouts = [one for one in together if one.holdout]
    currencies: list[str | None] = [*sorted({currency for one in together for currency in one.money})]
    for one in together:
        converted, others = sum(each.converted for each in holdouts), sum(each.contacts for each in holdouts)
        lift = None if one.holdout else conversion_lift(one.converted, one.contacts, converted, others)
        for currency in currencies or [None]:
            orders, revenue, _ = one.money.get(currency or "", (0, "0", "0"))
            compared = None
            if currency and not one.holdout:
                compared = amount_lift(one.amounts(currency), _together([each.amounts(currency) for each in holdouts]))
            yield {
                **{name: getattr(one, name) for name in ("automation", "split", "arm", "holdout")},
                "contacts": one.contacts,
                "converted": one.converted,
                "currency": currency,
                "orders": orders,
                "conversion": round(one.converted / one.contacts, 6),
                **_told("lift", lift),
                "revenue": Decimal(revenue),
                "revenue_per_contact": round(float(revenue) / one.contacts, 4),
                **_told("revenue_lift", compared),
            }


def _together(some: list[Amounts]) -> Amounts:
    return Amounts(sum(one.count for one in some), sum(one.total for one in some), sum(one.squares for one in some))


def _told(name: str, lift: Lift | None) -> dict[str, float | None]:
    values = (lift.difference, lift.low, lift.high) if lift else (None, None, None)
    names = (name, f"{name}_low", f"{name}_high")
    return {each: None if value is None else round(value, 6) for each, value in zip(names, values, strict=True)}
