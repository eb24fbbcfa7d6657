"""What a new version, or the end of an automation, means for the runs that are under way."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_OPEN = "state IN ('pending', 'running', 'waiting') AND stop IS NULL"
_PLACES = text(f"""
    SELECT version_id, CASE state WHEN 'pending' THEN NULL ELSE step_id END AS step_id, count(*) AS runs FROM run
    WHERE automation_id = :automation_id AND {_OPEN} AND NOT test GROUP BY 1, 2
""")  # noqa: S608 - a constant
_DRAIN = text("""
    UPDATE automation_version SET drained_at = now()
    WHERE automation_id = :automation_id AND number < :number AND drained_at IS NULL
""")
_HELD = text(f"""
    UPDATE run SET version_id = :version_id
    WHERE automation_id = :automation_id AND state = 'pending' AND {_OPEN}
""")  # noqa: S608 - a constant
_BEHIND = text(f"""
    SELECT id FROM run WHERE automation_id = :automation_id AND version_id <> :version_id AND {_OPEN} AND id > :after
    ORDER BY id LIMIT :limit
""")  # noqa: S608 - a constant
_END = text("""
    WITH page AS MATERIALIZED (
        SELECT id FROM run WHERE automation_id = :automation_id AND state IN ('pending', 'running', 'waiting')
          AND id > :after ORDER BY id LIMIT :limit FOR UPDATE)
    UPDATE run SET stop = COALESCE(run.stop, CAST(:stop AS jsonb)),
        state = CASE run.state WHEN 'pending' THEN 'stopped' ELSE run.state END,
        ended_at = CASE run.state WHEN 'pending' THEN now() ELSE run.ended_at END
    FROM page WHERE run.id = page.id RETURNING run.id, run.state, run.stop
""")


class Running(StrEnum):
    """What becomes of runs that are under way when a version is published."""

    PINNED = "pinned"
    MIGRATE = "migrate"
    DRAIN = "drain"


@dataclass(frozen=True, slots=True)
class Place:
    """How many runs stand at one step of one version; no step for those that have not begun."""

    version_id: UUID
    step_id: str | None
    runs: int


async def places(session: AsyncSession, automation_id: UUID) -> list[Place]:
    """Where the open runs of an automation stand. Test launches are not counted."""
    return [Place(*row) for row in await session.execute(_PLACES, {"automation_id": automation_id})]


async def drain_versions(session: AsyncSession, automation_id: UUID, number: int) -> None:
    """From this commit on the runs of versions before `number` stop before their next send."""
    await session.execute(_DRAIN, {"automation_id": automation_id, "number": number})


async def move_held_launches(session: AsyncSession, automation_id: UUID, version_id: UUID) -> None:
    """Launches that a pause holds will begin in this version."""
    await session.execute(_HELD, {"automation_id": automation_id, "version_id": version_id})


async def runs_behind(
    session: AsyncSession, automation_id: UUID, version_id: UUID, *, after: UUID, limit: int
) -> list[UUID]:
    """Open runs of other versions, in pages."""
    found = await session.scalars(
        _BEHIND, {"automation_id": automation_id, "version_id": version_id, "after": after, "limit": limit}
    )
    return list(found)


async def end_some_runs(
    session: AsyncSession, automation_id: UUID, stop: str, *, after: UUID, limit: int
) -> Sequence[Any]:  # Any: rows of _END
    """Tell a page of an automation's open runs to stop: id, state, stop. `stop` is JSON."""
    params = {"automation_id": automation_id, "stop": stop, "after": after, "limit": limit}
    return sorted(await session.execute(_END, params), key=_id)


def _id(row: Any) -> UUID:  # Any: a row of _END
    return UUID(str(row.id))
