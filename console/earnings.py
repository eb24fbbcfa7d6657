"""What automations led to in the last days, counted once for all who look: it takes longer than a list may."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from core.settings import Settings
from store.attribution import Period, revenue_of_automations
from store.session import Database

DAYS = 30
_FRESH = timedelta(minutes=1)
Earned = dict[str, dict[str, Decimal]]
"""Revenue by the automation's name and currency."""


@dataclass
class Earnings:
    """Counts again when what it counted is older than a minute, however many pages ask."""

    database: Database
    settings: Settings
    _counted: tuple[datetime, Earned] | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self, now: datetime) -> Earned:
        """Of today and the days before it, in the account's zone."""
        async with self._lock:
            if self._counted is None or now - self._counted[0] >= _FRESH:
                self._counted = now, await self._count(now)
            return self._counted[1]

    async def _count(self, now: datetime) -> Earned:
        today = now.astimezone(self.settings.zone).date()
        period = Period.of(self.settings, today - timedelta(days=DAYS - 1), today)
        async with self.database.transaction() as session:
            found = await revenue_of_automations(session, period)
        return {name: {row["currency"]: row["revenue"] for row in rows} for name, rows in found.items()}
