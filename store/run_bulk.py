"""Many runs at once, by a filter: counted first, then stopped or moved in pages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.contracts import Stop
from store.run_list import RunFilter, conditions_of, ids_of
from store.run_stops import Signals, stop_runs
from store.tables.run import OPEN_STATES, RunState

# Without an order, which would have all of them sorted. That they are open is said as the partial indexes say it, so
# that an automation's are counted from its index alone.
_COUNT = """
    SELECT count(*) FROM (
        SELECT FROM run r WHERE r.state IN ('pending', 'running', 'waiting') AND r.state = ANY(:states) AND {conditions}
        LIMIT :limit) AS found
"""


@dataclass(frozen=True, slots=True)
class Page:
    """Runs that were stopped, newest first, and whom to signal after the commit."""

    ids: list[UUID]
    signals: Signals


async def count_runs(session: AsyncSession, wanted: RunFilter, among: Sequence[RunState], *, most: int) -> int:
    """How many runs in these states, all of them open ones, the filter finds; no more than `most` are counted."""
    conditions, params = conditions_of(wanted)
    states = list(_among(wanted, among).states)
    query = text(_COUNT.format(conditions=" AND ".join(["true", *conditions])))
    return int(await session.scalar(query, {**params, "states": states, "limit": most}) or 0)


async def waiting_ids(session: AsyncSession, wanted: RunFilter, *, limit: int) -> list[UUID]:
    """The newest runs that wait, of those that the filter finds."""
    ids, params = ids_of(_among(wanted, (RunState.WAITING,)))
    return list(await session.scalars(text(ids), params | {"limit": limit}))


async def stop_some(session: AsyncSession, wanted: RunFilter, why: Stop, *, before: UUID | None, limit: int) -> Page:
    """Stop the newest open runs that the filter finds, older than `before`."""
    query, params = ids_of(_among(wanted, OPEN_STATES), before=before)
    ids = list(await session.scalars(text(query), params | {"limit": limit}))
    return Page(ids, await stop_runs(session, ids, why))


def _among(wanted: RunFilter, states: Sequence[RunState]) -> RunFilter:
    """Without the runs with which it cannot be done, such as those that have ended."""
    both = tuple(state for state in wanted.states or states if state in states)
    return replace(wanted, states=both or ("none",))
