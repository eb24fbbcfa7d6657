"""The segments of two contacts who turn out to be one person, and of each of the two again."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_ONLY_MERGED, _BOTH = "membership", "membership_of_both"
"""Kinds of remembered moves; the row of each is the segment."""
_TOGETHER = text(f"""
    WITH shared AS (
        DELETE FROM segment_member t USING segment_member own
        WHERE t.contact_id = :merged AND own.contact_id = :survivor AND own.segment_id = t.segment_id
        RETURNING t.segment_id
    ), moved AS (
        UPDATE segment_member t SET contact_id = :survivor
        WHERE t.contact_id = :merged AND NOT EXISTS (
            SELECT FROM segment_member own WHERE own.contact_id = :survivor AND own.segment_id = t.segment_id)
        RETURNING t.segment_id
    )
    INSERT INTO contact_merge_move (merge_id, kind, row_id)
    SELECT CAST(:merge AS uuid), '{_BOTH}', segment_id FROM shared
    UNION ALL SELECT CAST(:merge AS uuid), '{_ONLY_MERGED}', segment_id FROM moved
""")  # noqa: S608 (constants)
_BACK = text(f"""
    INSERT INTO segment_member (segment_id, contact_id, source, added_at)
    SELECT t.segment_id, CAST(:merged AS uuid), t.source, t.added_at
    FROM contact_merge_move m JOIN segment_member t ON t.segment_id = m.row_id AND t.contact_id = :survivor
    WHERE m.merge_id = :merge AND m.kind IN ('{_ONLY_MERGED}', '{_BOTH}')
    ON CONFLICT DO NOTHING
""")  # noqa: S608 (constants)
_NO_LONGER = text(f"""
    DELETE FROM segment_member t USING contact_merge_move m
    WHERE m.merge_id = :merge AND m.kind = '{_ONLY_MERGED}' AND t.segment_id = m.row_id AND t.contact_id = :survivor
""")  # noqa: S608 (constants)
_TOUCH = text("INSERT INTO touched_contact (contact_id) VALUES (:survivor), (:merged)")


async def merge_memberships(session: AsyncSession, merge: UUID, survivor: UUID, merged: UUID) -> None:
    """The survivor is in every segment in which either was. Nobody enters or leaves by that, so it causes no event.

    Dynamic segments are asked anew with the next sweep: who is in one no longer leaves it as the survivor.
    """
    both = {"survivor": survivor, "merged": merged}
    await session.execute(_TOGETHER, both | {"merge": merge})
    await session.execute(_TOUCH, both)


async def unmerge_memberships(session: AsyncSession, merge: UUID, survivor: UUID, merged: UUID) -> None:
    """Each is in the segments of before again, without those that the survivor has left meanwhile."""
    both = {"survivor": survivor, "merged": merged}
    for statement in (_BACK, _NO_LONGER):
        await session.execute(statement, both | {"merge": merge})
    await session.execute(_TOUCH, both)
