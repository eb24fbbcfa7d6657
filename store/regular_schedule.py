"""Which Temporal Schedules there have to be for regular automations, and which of them may differ from that."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_UNKEPT = text("""
    WITH wanted AS (
        SELECT a.id, a.name, a.state, v.id AS version_id FROM automation a
        JOIN automation_version v ON v.automation_id = a.id AND v.number = a.live_number
        WHERE a.state IN ('live', 'paused') AND v.definition #> '{start,segment}' IS NOT NULL
    )
    SELECT COALESCE(w.id, s.automation_id) AS id, w.name, w.state, w.version_id
    FROM wanted w FULL JOIN regular_schedule s ON s.automation_id = w.id
    WHERE (w.id, w.version_id, w.state) IS DISTINCT FROM (s.automation_id, s.version_id, s.state)
       OR s.kept_at < :before
    ORDER BY 1 LIMIT :limit
""")
_KEPT = text("""
    INSERT INTO regular_schedule (automation_id, version_id, state) VALUES (:id, :version_id, :state)
    ON CONFLICT (automation_id) DO UPDATE
    SET version_id = excluded.version_id, state = excluded.state, kept_at = now()
""")
_GONE = text("DELETE FROM regular_schedule WHERE automation_id = :id")


@dataclass(frozen=True, slots=True)
class Unkept:
    """A schedule to be looked after. Without a version there has to be none."""

    automation_id: UUID
    name: str | None
    state: str | None
    version_id: UUID | None


async def unkept_schedules(session: AsyncSession, *, before: datetime, limit: int) -> list[Unkept]:
    """Schedules that differ from what the database wants, and those that nobody has looked after since `before`."""
    return [Unkept(*row) for row in await session.execute(_UNKEPT, {"before": before, "limit": limit})]


async def note_kept(session: AsyncSession, one: Unkept) -> None:
    """Temporal has been told."""
    if one.version_id is None:
        await session.execute(_GONE, {"id": one.automation_id})
    else:
        await session.execute(_KEPT, {"id": one.automation_id, "version_id": one.version_id, "state": one.state})
