"""Which contacts and days a page of the RFM or its file shows: what the address says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from console.place import begins, days_of
from console.report_choice import SOURCES
from console.visit import Visit
from store import rfm
from store.reports import Rows
from store.rfm import RfmFilter
from store.segments import find_segment

KEPT = ("store", "source", "segment")
"""Filters of the grid in the address."""
_DAYS = 30


def wanted(query: Mapping[str, str]) -> RfmFilter:
    """Whose orders are counted."""
    source = query.get("source")
    return RfmFilter(source if source in SOURCES else None, query.get("store"), query.get("segment"))


async def check_segment(session: AsyncSession, query: Mapping[str, str]) -> None:
    """Raises NotFoundError for a segment that is none."""
    if "segment" in query:
        await find_segment(session, query["segment"])


@dataclass(frozen=True, slots=True)
class Days:
    """Between which two days people moved, both included."""

    since: date
    until: date

    @classmethod
    def of(cls, visit: Visit) -> "Days":
        """The last 30, unless the address says otherwise."""
        return cls(*days_of(visit.query, visit.services.settings.zone, usual=timedelta(days=_DAYS)))

    async def flows(self, visit: Visit, session: AsyncSession) -> Rows:
        """How many moved from where to where."""
        zone = visit.services.settings.zone
        first, last = begins(self.since, zone), begins(self.until, zone, days=1)
        return await rfm.flows(session, first, last) if first and last else []
