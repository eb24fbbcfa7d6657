"""Many runs at once, by a filter: counted first, then stopped in pages."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.contracts import Stop
from store.run_list import RunFilter, ids_of
from store.run_stops import Signals, stop_runs
from store.tables.run import OPEN_STATES


@dataclass(frozen=True, slots=True)
class Page:
    """Runs that were stopped, newest first, and whom to signal after the commit."""

    ids: list[UUID]
    signals: Signals


async def count_open(session: AsyncSession, wanted: RunFilter, *, most: int) -> int:
    """How many open runs the filter finds; no more than `most` are counted."""
    ids, params = ids_of(_open(wanted))
    return int(await session.scalar(text(f"SELECT count(*) FROM ({ids}) AS found"), params | {"limit": most}) or 0)  # noqa: S608 # constants


async def stop_some(session: AsyncSession, wanted: RunFilter, why: Stop, *, before: UUID | None, limit: int) -> Page:
    """Stop the newest open runs that the filter finds, older than `before`."""
    query, params = ids_of(_open(wanted), before=before)
    ids = list(await session.scalars(text(query), params | {"limit": limit}))
    return Page(ids, await stop_runs(session, ids, why))


def _open(wanted: RunFilter) -> RunFilter:
    """Runs that have ended cannot be stopped."""
    states = tuple(state for state in wanted.states or OPEN_STATES if state in OPEN_STATES)
    return replace(wanted, states=states or ("none",))
