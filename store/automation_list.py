"""Automations with what they do now and did in the last hours; test launches are not counted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

HOURS = 24
_LIST = text("""
    SELECT a.id, a.name, a.state, a.live_number, a.draft IS NOT NULL AS has_draft, a.updated_at,
           (SELECT count(*) FROM run r WHERE r.automation_id = a.id AND r.state IN ('pending', 'running', 'waiting')
               AND r.stop IS NULL AND NOT r.test) AS running
    FROM automation a ORDER BY a.state = 'archived', a.name
""")
_SENT = text("""
    SELECT r.automation_id, floor(EXTRACT(epoch FROM m.sent_at - :since) / 3600)::int AS hour, count(*) AS sent
    FROM message m JOIN run r ON r.id = m.run_id
    WHERE m.sent_at >= :since AND m.sent_at < :until AND NOT r.test GROUP BY 1, 2
""")


@dataclass(frozen=True, slots=True)
class AutomationRow:
    """One automation; `hours` are the messages of each hour before now, the last one is the newest."""

    id: UUID
    name: str
    state: str
    live_number: int | None
    has_draft: bool
    updated_at: datetime
    running: int
    hours: tuple[int, ...]

    @property
    def sent(self) -> int:
        """Messages of the last day."""
        return sum(self.hours)


async def list_automations(session: AsyncSession, now: datetime) -> list[AutomationRow]:
    """By name, those that are archived last."""
    since = now - timedelta(hours=HOURS)
    hours: dict[UUID, list[int]] = {}
    for row in await session.execute(_SENT, {"since": since, "until": now}):
        hours.setdefault(row.automation_id, [0] * HOURS)[min(row.hour, HOURS - 1)] = row.sent
    found = await session.execute(_LIST)
    return [AutomationRow(**row, hours=tuple(hours.get(row["id"], (0,) * HOURS))) for row in found.mappings()]
