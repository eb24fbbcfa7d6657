"""Which messages led to orders: by automation, version, step, message; and arms of splits beside their holdout."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from console.later import counted
from console.markup import filters, link, money, put, table
from console.report_choice import chosen
from console.text import number, percent, tr
from console.visit import Visit
from store import automations
from store.arms import ARM_COLUMNS, arms
from store.attribution import By, Period, Rows, attribution, columns

ARM = "arm"
_BY: tuple[str, ...] = (*get_args(By), ARM)
_MONEY = frozenset(
    {"revenue", "expected", "revenue_per_contact", "revenue_lift", "revenue_lift_low", "revenue_lift_high"}
)
_SHARES = frozenset({"conversion", "lift", "lift_low", "lift_high"})
_WORDS = frozenset({"automation", "version", "step", "channel", "template", "split", "arm", "holdout", "currency"})
_NAMES: Mapping[str, str] = {
    "automation": "Automation", "version": "Version", "step": "Step", "channel": "Channel", "template": "Template",
    "sent": "Sent", "delivered": "Delivered", "opened": "Opened", "clicked": "Clicked", "currency": "Currency",
    "orders": "Orders led to", "revenue": "Revenue led to", "expected_orders": "Expected orders",
    "expected": "Expected",
    "split": "Split", "arm": "Arm", "holdout": "Holdout", "contacts": "People", "converted": "Bought",
    "conversion": "Bought of all", "lift": "More than the holdout", "lift_low": "At least", "lift_high": "At most",
    "revenue_per_contact": "Revenue a person", "revenue_lift": "More than the holdout, a person",
    "revenue_lift_low": "At least, a person", "revenue_lift_high": "At most, a person",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says."""

    period: Period
    by: str

    @classmethod
    def of(cls, visit: Visit) -> "Asked":
        """The last 30 days by automation, unless it says otherwise."""
        days, by = chosen(visit).filter, visit.query.get("by", "")
        period = Period.of(visit.services.settings, days.since, days.until, visit.query.get("automation"))
        return cls(period, by if by in _BY else "automation")

    @property
    def columns(self) -> tuple[str, ...]:
        """Of the table and of the file."""
        return ARM_COLUMNS if self.by == ARM else columns(self._by)

    async def count(self, session: AsyncSession) -> Rows:
        """One row for each currency; the counts of messages are repeated in each."""
        return await arms(session, self.period) if self.by == ARM else await attribution(session, self.period, self._by)

    @property
    def _by(self) -> By:
        return next(one for one in get_args(By) if one == self.by)


async def show(visit: Visit, address: str) -> None:
    """The table; `address` is where its file is."""
    asked = Asked.of(visit)
    async with visit.read() as session:
        names = [one.name for one in await automations.list_all(session)]
    said = {"from_date": str(asked.period.since), "to_date": str(asked.period.until), "by": asked.by}
    put(
        filters(
            {
                "from_date": (tr("From"), None),
                "to_date": (tr("To"), None),
                "by": (tr("By"), list(_BY)),
                "automation": (tr("Automation"), names),
            },
            {**visit.query, **said},
        ),
        Markup('<p class="oc-soft">{} {}</p>').format(_rule(asked), link(address, tr("These figures as CSV"))),
    )

    async def count() -> Rows:
        async with visit.read() as session:
            return await asked.count(session)

    def put_in(rows: Rows) -> None:
        put(Markup('<div class="oc-many">{}</div>').format(_table(asked, rows)))

    counted(visit, asked, count, put_in)


def _table(asked: Asked, rows: Rows) -> Markup:
    nothing = tr("Nothing was sent in these days, and nothing led to an order. Take a longer period.")
    nobody = tr("No person was divided by a split in these days.")
    shown = [name for name in asked.columns if name != "currency"]  # amounts say it
    return table(
        [tr(_NAMES[name]) for name in shown],
        [[_shown(name, row) for name in shown] for row in rows],
        empty=nobody if asked.by == ARM else nothing,
        numeric=frozenset(n for n, name in enumerate(shown) if name not in _WORDS),
    )


def _rule(asked: Asked) -> str:
    if asked.by == ARM:
        return tr("People whom a split divided in these days, and what they bought in the {days} days after it.",
                  days=asked.period.lift_days)  # fmt: skip
    return tr("An order is put down to the message that its contact clicked last, up to {days} days before it.",
              days=asked.period.click_days)  # fmt: skip


def _shown(name: str, row: Mapping[str, Any]) -> object:  # Any: columns
    value = row[name]
    if value is None:
        return "–"
    if name in _MONEY:
        return money(value, row["currency"])
    if name in _SHARES:
        return percent(value)
    if name == "holdout":
        return tr("yes") if value else ""
    return value if name in _WORDS else number(value)
