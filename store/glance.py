"""Today at a glance."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_EVENTS = text("SELECT COALESCE(sum(accepted), 0) FROM event_batch WHERE received_at >= :since")
_RUNS = text("SELECT count(*) FROM run WHERE created_at >= :since")
_MESSAGES = text(
    "SELECT state, count(*) AS messages FROM message WHERE created_at >= :since GROUP BY state ORDER BY state"
)
_NOW = text("""
    SELECT count(*) AS waiting, count(*) FILTER (WHERE due_at < :soon) AS due_soon FROM run WHERE state = 'waiting'
""")
_UNKNOWN = text("SELECT count(*) FROM message WHERE state = 'unknown'")


@dataclass(frozen=True, slots=True)
class Glance:
    """Counts since a moment, and of now."""

    events: int
    runs: int
    messages: dict[str, int]
    waiting: int
    due_soon: int
    unknown: int


async def glance(session: AsyncSession, *, since: datetime, soon: datetime) -> Glance:
    """What came since then, what waits now, and what of it is due before `soon`."""
    now = (await session.execute(_NOW, {"soon": soon})).one()
    return Glance(
        events=int(await session.scalar(_EVENTS, {"since": since})),
        runs=int(await session.scalar(_RUNS, {"since": since})),
        messages={row.state: row.messages for row in await session.execute(_MESSAGES, {"since": since})},
        waiting=now.waiting,
        due_soon=now.due_soon,
        unknown=int(await session.scalar(_UNKNOWN)),
    )
