"""Which figures a page of reports or its file shows: what the address says, and the same days before them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.reports import COLUMNS
from console.place import days_of
from console.visit import Visit
from store import reports
from store.reports import ReportFilter, Rows, Unit

UNITS: tuple[Unit, ...] = ("day", "week", "month")
SOURCES = ("online", "offline")
_DAYS = 30
_LONGEST = timedelta(days=3660)
_FEW_DAYS, _FEW_WEEKS = 62, 366
"""Up to so many days are shown one by one, or by week."""


@dataclass(frozen=True, slots=True)
class Report:
    """One kind of figures."""

    count: Callable[[AsyncSession, ReportFilter], Awaitable[Rows]]
    columns: tuple[str, ...]


REPORTS: Mapping[str, Report] = {
    "revenue": Report(reports.revenue, COLUMNS["revenue"]),
    "customers": Report(reports.customers, COLUMNS["customers"]),
    "funnel": Report(reports.funnel, COLUMNS["funnel"]),
    "automations": Report(reports.automations, COLUMNS["automations"]),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is shown, and what it is compared with: as many days, just before."""

    filter: ReportFilter
    before: ReportFilter

    async def count(self, session: AsyncSession, report: str) -> tuple[Rows, Rows]:
        """The figures of both."""
        counting = REPORTS[report].count
        return await counting(session, self.filter), await counting(session, self.before)


def chosen(visit: Visit) -> Chosen:
    """What the address says; what it does not say, or says wrongly, is as usual: the last 30 days."""
    query, settings = visit.query, visit.services.settings
    since, until = days_of(query, settings.zone, usual=timedelta(days=_DAYS - 1))
    since = max(since, until - _LONGEST)
    unit = next((one for one in UNITS if one == query.get("unit")), None) or _fitting(since, until)
    currency = query.get("currency", "")
    wanted = ReportFilter(
        since=since,
        until=until,
        zone=settings.account_zone,
        unit=unit,
        store_id=query.get("store"),
        source=next((one for one in SOURCES if one == query.get("source")), None),
        click_days=settings.attribution_click_days,
        open_days=settings.attribution_open_days,
        currency=currency if len(currency) == 3 and currency.isalpha() and currency.isascii() else None,  # noqa: PLR2004 - ISO 4217
    )
    days = until - since + timedelta(days=1)
    return Chosen(wanted, replace(wanted, since=since - days, until=since - timedelta(days=1)))


def _fitting(since: date, until: date) -> Unit:
    days = (until - since).days
    return "day" if days <= _FEW_DAYS else "week" if days <= _FEW_WEEKS else "month"
