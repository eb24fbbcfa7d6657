"""Events past their time. Rows are walked by id, which grows with the moment of arrival (UUIDv7)."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

FIRST = UUID(int=0)
_MILLISECOND_SHIFT = 80
"""The first 48 bits of a UUIDv7 count milliseconds since 1970 (RFC 9562)."""

_OPEN = "state IN ('pending', 'running', 'waiting')"


class Kind(StrEnum):
    """What is pruned, each with its own age."""

    ORDER = "order"
    OTHER = "other"
    BATCH = "batch"


# An order event's parameters follow from its snapshot, so it has none of its own.
_EVENTS = """
    WITH looked AS (
        SELECT id, order_id FROM order_event WHERE id > :after AND id < :bound AND {kind}
        ORDER BY id LIMIT :limit
    ), gone AS (
        DELETE FROM order_event WHERE id IN (
            SELECT l.id FROM looked l WHERE NOT EXISTS (
                SELECT FROM run r WHERE r.event_id = l.id AND {open}) AND NOT EXISTS (
                SELECT FROM run r WHERE r.stop_event_id = l.id AND {open}) AND NOT EXISTS (
                SELECT FROM run r WHERE r.order_id = l.order_id AND {open}))
        RETURNING id
    )
    SELECT (SELECT count(*) FROM gone) AS deleted, (SELECT count(*) FROM looked) AS looked,
           (SELECT id FROM looked ORDER BY id DESC LIMIT 1) AS last
"""
_BATCHES = """
    WITH looked AS (
        SELECT id FROM event_batch WHERE id > :after AND id < :bound AND state = 'done' ORDER BY id LIMIT :limit
    ), gone AS (
        DELETE FROM event_batch WHERE id IN (
            SELECT l.id FROM looked l WHERE NOT EXISTS (SELECT FROM order_event e WHERE e.batch_id = l.id))
        RETURNING id
    )
    SELECT (SELECT count(*) FROM gone) AS deleted, (SELECT count(*) FROM looked) AS looked,
           (SELECT id FROM looked ORDER BY id DESC LIMIT 1) AS last
"""
_STATEMENTS = {
    Kind.ORDER: text(_EVENTS.format(kind="params IS NULL", open=_OPEN)),
    Kind.OTHER: text(_EVENTS.format(kind="params IS NOT NULL", open=_OPEN)),
    Kind.BATCH: text(_BATCHES),
}


class Piece(NamedTuple):
    """How many rows went, and where to look on; `after` is None when no older row is left."""

    deleted: int
    after: UUID | None


def first_id_at(moment: datetime) -> UUID:
    """The least UUIDv7 of this moment: rows made earlier have smaller ids."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << _MILLISECOND_SHIFT)


def made_at(row_id: UUID) -> datetime:
    """The moment that a UUIDv7 tells, to the millisecond."""
    return datetime.fromtimestamp((row_id.int >> _MILLISECOND_SHIFT) / 1000, UTC)


async def prune(session: AsyncSession, kind: Kind, *, after: UUID, before: datetime, limit: int) -> Piece:
    """Delete up to `limit` rows behind `after` that came before `before`; what an open run needs stays."""
    params = {"after": after, "bound": first_id_at(before), "limit": limit}
    row = (await session.execute(_STATEMENTS[kind], params)).one()
    return Piece(row.deleted, row.last if row.looked == limit else None)
