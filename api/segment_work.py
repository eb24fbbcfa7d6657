"""What can be done with segments, for the API and the console alike."""

from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client

from core.contracts import RECALCULATION_ID
from core.errors import ConflictError, UnavailableError
from core.recalculation import start_recalculation
from core.segments.definition import Condition, condition_json
from core.segments.references import segments_in
from store import segments
from store.audit import record_audit
from store.dynamic_segments import dynamic_segments
from store.segment_preview import check_references
from store.tables import Segment


async def keep_segment(session: AsyncSession, name: str, condition: Condition | None, *, actor: str) -> Segment:
    """Make a segment, or give a dynamic one another definition; without a condition it is static.

    Raises InvalidError for a segment that it asks for in vain or in a circle, and ConflictError for one that is of the
    other kind.
    """
    if condition is not None:
        await check_references(session, name, condition)
    row = await segments.put_segment(session, name, None if condition is None else condition_json(condition))
    await record_audit(session, actor=actor, action="segment.put", subject=f"segment:{name}")
    return row


async def find_members(client: Client, row: Segment) -> None:
    """Find the members of a dynamic segment in the background, after the commit; else the nightly pass finds them."""
    if row.definition is not None:
        with suppress(UnavailableError):
            await start_recalculation(client, f"{RECALCULATION_ID}/{row.id}/{row.updated_at.timestamp()}")


async def drop_segment(session: AsyncSession, name: str, *, actor: str) -> None:
    """Take a segment away. Raises NotFoundError, and ConflictError while another one or an automation asks for it."""
    for other in await dynamic_segments(session):
        if name in segments_in(other.condition):
            raise ConflictError(f"the segment {other.name!r} asks for {name!r}; change it first")
    await segments.delete_segment(session, name)
    await record_audit(session, actor=actor, action="segment.delete", subject=f"segment:{name}")
