"""Segments and who is in them. Every change of membership is an event, in the same transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.errors import ConflictError, NotFoundError
from store.custom_events import NewEvent, record_events
from store.tables import Segment, SegmentMember
from store.tables.segment import SegmentKind

ENTERED = "segmentEntered"
LEFT = "segmentLeft"

_ADD = text("""
    INSERT INTO segment_member (segment_id, contact_id, source)
    SELECT :segment, c.id, :source FROM contact c
    WHERE c.id = ANY(CAST(:contacts AS uuid[])) AND c.deleted_at IS NULL AND c.merged_into IS NULL
    ON CONFLICT DO NOTHING RETURNING contact_id
""")
_REMOVE = text("""
    DELETE FROM segment_member WHERE segment_id = :segment AND contact_id = ANY(CAST(:contacts AS uuid[]))
    RETURNING contact_id
""")

_STARTING = text("""
    SELECT a.name FROM automation a JOIN automation_version v ON v.automation_id = a.id AND v.number = a.live_number
    WHERE a.state <> 'archived' AND v.definition #>> '{start,segment}' = :name LIMIT 1
""")


async def add_members(
    session: AsyncSession, segment: str, contact_ids: Sequence[UUID], *, source: str, depth: int = 0
) -> list[UUID]:
    """Who became a member; who was one already, is deleted or unknown, is left out.

    A segment that does not exist is made. Records `segmentEntered`, `depth` automations away from the outside.
    Raises ConflictError for a dynamic segment.
    """
    await session.execute(
        text("INSERT INTO segment (name, kind) VALUES (:name, 'static') ON CONFLICT DO NOTHING"), {"name": segment}
    )
    row = await _static(session, segment)
    given = {"segment": row.id, "contacts": list(contact_ids), "source": source}
    changed = list(await session.scalars(_ADD, given))
    await record_changes(session, ENTERED, segment, changed, depth=depth)
    return changed


async def remove_members(
    session: AsyncSession, segment: str, contact_ids: Sequence[UUID], *, depth: int = 0
) -> list[UUID]:
    """Who was a member and is one no longer. Records `segmentLeft`.

    Raises NotFoundError, and ConflictError for a dynamic segment.
    """
    row = await _static(session, segment)
    changed = list(await session.scalars(_REMOVE, {"segment": row.id, "contacts": list(contact_ids)}))
    await record_changes(session, LEFT, segment, changed, depth=depth)
    return changed


async def record_changes(
    session: AsyncSession, kind: str, segment: str, contact_ids: Sequence[UUID], *, depth: int = 0
) -> None:
    """The events of who entered or left."""
    if contact_ids:
        params = {"segment": segment}
        events = [NewEvent(kind, segment, params, contact_id=each, depth=depth) for each in contact_ids]
        await record_events(session, "segments", events)


async def find_segment(session: AsyncSession, name: str) -> Segment:
    """The segment of this name. Raises NotFoundError."""
    found = (await session.scalars(select(Segment).where(col(Segment.name) == name))).first()
    if found is None:
        raise NotFoundError("segment", name)
    return found


async def segment_names(session: AsyncSession) -> set[str]:
    """The names of all segments."""
    return set(await session.scalars(select(col(Segment.name))))


async def list_segments(session: AsyncSession) -> list[tuple[Segment, int]]:
    """Every segment with how many members it has, by name."""
    members = (
        select(func.count()).where(col(SegmentMember.segment_id) == col(Segment.id)).correlate(Segment)
    ).scalar_subquery()
    rows = await session.execute(select(Segment, members).order_by(col(Segment.name)))
    return [(segment, count) for segment, count in rows]


async def put_segment(session: AsyncSession, name: str, definition: dict[str, Any] | None) -> Segment:  # Any: JSON
    """Make a segment, or give a dynamic one another definition. Raises ConflictError when it is of the other kind."""
    kind = SegmentKind.STATIC if definition is None else SegmentKind.DYNAMIC
    found = (await session.scalars(select(Segment).where(col(Segment.name) == name).with_for_update())).first()
    if found is None:
        found = Segment(name=name, kind=kind, definition=definition)
        session.add(found)
    elif found.kind != kind:
        raise ConflictError(f"the segment {name!r} is {found.kind}; delete it first to make it {kind}")
    elif found.definition != definition:
        found.definition = definition
        found.updated_at = (await session.execute(select(func.now()))).scalar_one()
        found.calculated_at = None
    await session.flush()
    return found


async def delete_segment(session: AsyncSession, name: str) -> None:
    """Take a segment away, with its memberships and without events.

    Raises NotFoundError, and ConflictError while an automation that is not archived starts from it.
    """
    found = await find_segment(session, name)
    starting = await session.scalar(_STARTING, {"name": name})
    if starting is not None:
        raise ConflictError(f"the automation {starting!r} starts from {name!r}; change or archive it first")
    await session.delete(found)


async def database_now(session: AsyncSession) -> datetime:
    """The start of the transaction, by PostgreSQL's clock."""
    now: datetime = (await session.execute(select(func.now()))).scalar_one()
    return now


async def members(
    session: AsyncSession, segment_id: UUID, *, after: UUID | None, limit: int
) -> list[tuple[UUID, datetime, str]]:
    """Members, newest contact first, beginning after one: contact, since when, and from where."""
    statement = (
        select(col(SegmentMember.contact_id), col(SegmentMember.added_at), col(SegmentMember.source))
        .where(col(SegmentMember.segment_id) == segment_id)
        .order_by(col(SegmentMember.contact_id).desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(col(SegmentMember.contact_id) < after)
    return [(row[0], row[1], row[2]) for row in await session.execute(statement)]


async def _static(session: AsyncSession, name: str) -> Segment:
    found = await find_segment(session, name)
    if found.kind != SegmentKind.STATIC:
        raise ConflictError(f"the segment {name!r} is dynamic: its definition says who is in it")
    return found
