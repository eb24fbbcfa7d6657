"""Today at a glance; test launches are not counted."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_EVENTS = text("SELECT COALESCE(sum(accepted), 0) FROM event_batch WHERE received_at >= :since")
_RUNS = text("SELECT count(*) FROM run WHERE created_at >= :since AND NOT test")
_MESSAGES = text("""
    SELECT m.state, count(*) AS messages FROM message m JOIN run r ON r.id = m.run_id
    WHERE m.created_at >= :since AND NOT r.test GROUP BY m.state ORDER BY m.state
""")
_NOW = text("""
    SELECT count(*) AS waiting, count(*) FILTER (WHERE due_at < :soon) AS due_soon FROM run
    WHERE state = 'waiting' AND NOT test
""")
_UNKNOWN = text("""
    SELECT count(*) FROM message m JOIN run r ON r.id = m.run_id WHERE m.state = 'unknown' AND NOT r.test
""")


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
