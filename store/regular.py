"""Looks of regular automations at their segments, a bounded piece at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from store.tables import RegularLaunch

_BEGIN = text("""
    INSERT INTO regular_launch (automation_id, due_at) VALUES (:automation_id, :due_at) ON CONFLICT DO NOTHING
""")
_SEGMENT = text("SELECT id FROM segment WHERE name = :name")
# Whether a run stands in the way as `unique` has it, and a member has been told so in a decision before.
_REFUSED = """
    SELECT FROM run r {event} WHERE r.contact_id = m.contact_id AND r.automation_id = :automation_id AND NOT r.test
      AND {holds} AND EXISTS (SELECT FROM decision d WHERE d.run_id = r.id AND d.outcome = 'suppressed')
"""
_MEMBERS = """
    SELECT m.contact_id, {known} AS known FROM (
        SELECT m.contact_id FROM segment_member m JOIN contact c ON c.id = m.contact_id
        WHERE m.segment_id = :segment_id AND m.contact_id > :after AND c.deleted_at IS NULL AND c.merged_into IS NULL
        ORDER BY m.contact_id LIMIT :limit) m
    ORDER BY m.contact_id
"""
_EACH = text(_MEMBERS.format(known="false"))
_ONCE = text(
    _MEMBERS.format(known="EXISTS (" + _REFUSED + ")").format(
        event="", holds="r.dedupe_key = CAST(:prefix AS text) || m.contact_id"
    )
)
_WITHIN = text(
    _MEMBERS.format(known="EXISTS (" + _REFUSED + ")").format(
        event="JOIN order_event e ON e.id = r.event_id", holds="e.occurred_at > :since"
    )
)
_ADVANCE = text("""
    UPDATE regular_launch SET segment_id = COALESCE(segment_id, :segment_id), after = :after,
        launched = launched + :launched, known = known + :known,
        done = :done, reason = :reason, ended_at = CASE WHEN :done THEN now() END
    WHERE automation_id = :automation_id AND due_at = :due_at
""")
_LIVE = text("""
    SELECT a.state, a.name, v.id AS version_id FROM automation a
    JOIN automation_version v ON v.automation_id = a.id AND v.number = a.live_number WHERE a.id = :id
""")


LOOK_COLUMNS = ("due_at", "began_at", "ended_at", "launched", "known", "done", "reason")


@dataclass(frozen=True, slots=True)
class Standing:
    """An automation as it is now."""

    state: str
    name: str
    version_id: UUID


async def open_look(session: AsyncSession, automation_id: UUID, due_at: datetime) -> RegularLaunch:
    """The look of this moment, begun if it is new; nobody else goes on with it until this transaction ends."""
    await session.execute(_BEGIN, {"automation_id": automation_id, "due_at": due_at})
    found = await session.scalars(
        select(RegularLaunch)
        .where(col(RegularLaunch.automation_id) == automation_id, col(RegularLaunch.due_at) == due_at)
        .with_for_update()
    )
    return found.one()


async def standing(session: AsyncSession, automation_id: UUID) -> Standing | None:
    """The state and the live version of an automation; None before it was published."""
    row = (await session.execute(_LIVE, {"id": automation_id})).one_or_none()
    return Standing(*row) if row is not None else None


async def segment_id(session: AsyncSession, name: str) -> UUID | None:
    """The id of a segment, if there is one of this name."""
    found: UUID | None = await session.scalar(_SEGMENT, {"name": name})
    return found


async def next_members(
    session: AsyncSession,
    automation_id: UUID,
    segment: UUID,
    *,
    after: UUID,
    limit: int,
    once: bool = False,
    since: datetime | None = None,
) -> Sequence[tuple[UUID, bool]]:
    """The next members by their id, each with whether it is known already that a run stands in its way.

    `once` is for those who run once for each contact, `since` for those who run once in a length of time.
    """
    given: dict[str, Any] = {"segment_id": segment, "after": after, "limit": limit}  # Any: parameters
    statement = _EACH
    if once:
        prefix = f"once_per_contact:{automation_id}:"  # as automation.matching.dedupe_key has it
        statement, given = _ONCE, given | {"automation_id": automation_id, "prefix": prefix}
    elif since is not None:
        statement, given = _WITHIN, given | {"automation_id": automation_id, "since": since}
    return [(row.contact_id, row.known) for row in await session.execute(statement, given)]


async def advance_look(
    session: AsyncSession,
    look: RegularLaunch,
    *,
    after: UUID | None,
    segment: UUID | None = None,
    launched: int = 0,
    known: int = 0,
    done: bool = False,
    reason: str | None = None,
) -> None:
    """Keep how far it has come."""
    given = {
        "automation_id": look.automation_id,
        "due_at": look.due_at,
        "segment_id": segment,
        "after": after,
        "launched": launched,
        "known": known,
        "done": done,
        "reason": reason,
    }
    await session.execute(_ADVANCE, given)


async def list_looks(
    session: AsyncSession, automation_id: UUID, *, before: datetime | None = None, limit: int
) -> list[RegularLaunch]:
    """Looks of an automation that were due before a moment, the newest first."""
    statement = (
        select(RegularLaunch)
        .where(col(RegularLaunch.automation_id) == automation_id)
        .order_by(col(RegularLaunch.due_at).desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(col(RegularLaunch.due_at) < before)
    return list(await session.scalars(statement))


def look_document(look: RegularLaunch) -> dict[str, Any]:  # Any: columns of all types
    """What people are told of a look."""
    return {name: getattr(look, name) for name in LOOK_COLUMNS}
