"""What the home page shows, looked up once for all who look at it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.settings import Settings
from store.doctor import Finding, examine
from store.glance import Glance, Hour, glance, hours
from store.providers import disabled_stores, provider_states
from store.run_list import Row, due_soon
from store.session import Database
from store.tables import DisabledStore, ProviderState

_FRESH = timedelta(seconds=5)
_DOCTOR = timedelta(seconds=60)
_DOCTOR_WINDOW = timedelta(hours=1)
"""How far back the doctor looks at events each minute; `ordercue doctor` looks back a week."""
_HOURS = 24
_LISTED = 8


@dataclass(frozen=True, slots=True)
class Seen:
    """As of `at`; the hours end with the one that is going on."""

    at: datetime
    hours: Sequence[tuple[datetime, Hour]]
    counts: Glance
    due: Sequence[Row]
    paused: Sequence[ProviderState]
    shops_off: Sequence[DisabledStore]
    findings: Sequence[Finding]


@dataclass
class Overview:
    """Looks again when what it saw is older than some seconds, however many pages ask."""

    database: Database
    settings: Settings
    _seen: Seen | None = None
    _examined: tuple[datetime, list[Finding]] | None = None
    _past: dict[datetime, Hour] = field(default_factory=dict)
    """Hours that are over: they are counted once."""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def look(self, now: datetime) -> Seen:
        """What there is to see."""
        async with self._lock:
            if self._seen is None or now - self._seen.at >= _FRESH:
                self._seen = await self._look(now)
            return self._seen

    async def _look(self, now: datetime) -> Seen:
        midnight = now.astimezone(self.settings.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        await self._count_hours(now)
        async with self.database.transaction() as session:
            counts = await glance(session, since=midnight, soon=now + timedelta(days=1))
            due = await due_soon(session, limit=_LISTED)
            states = await provider_states(session)
            shops = await disabled_stores(session)
        return Seen(
            at=now,
            hours=sorted(self._past.items())[-_HOURS:],
            counts=counts,
            due=due,
            paused=[one for one in states if one.until is not None and one.until > now],
            shops_off=shops,
            findings=await self._findings(now),
        )

    async def _count_hours(self, now: datetime) -> None:
        """The hour that is going on is counted anew each time, and the one before it too: rows may still come."""
        this = now.replace(minute=0, second=0, microsecond=0)
        wanted = [this - timedelta(hours=number) for number in range(_HOURS)]
        unknown = [hour for hour in wanted if hour not in self._past or hour >= this - timedelta(hours=1)]
        async with self.database.transaction() as session:
            found = await hours(session, min(unknown), this + timedelta(hours=1))
        self._past = {hour: self._past[hour] for hour in wanted if hour in self._past and hour not in unknown}
        self._past |= {hour: found.get(hour, Hour(0, 0)) for hour in unknown}

    async def _findings(self, now: datetime) -> list[Finding]:
        if self._examined is None or now - self._examined[0] >= _DOCTOR:
            patience = timedelta(seconds=self.settings.sweep_after_seconds + 2 * self.settings.sweep_seconds)
            async with self.database.transaction() as session:
                found = await examine(
                    session, now=now, patience=patience, long_patience=timedelta(minutes=10), window=_DOCTOR_WINDOW
                )
            self._examined = now, found
        return self._examined[1]
