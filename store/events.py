"""Events and the batches they came in."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from store.tables import EventBatch
from store.tables.event import BatchState

_LOST_BATCHES = text("""
    SELECT id FROM event_batch WHERE state = 'pending' AND received_at < :before ORDER BY received_at LIMIT :limit
""")
_UNDECIDED = text("""
    WITH locked AS MATERIALIZED (
        SELECT id, decided_at FROM event_batch WHERE id = ANY(:batch_ids) ORDER BY id FOR UPDATE)
    SELECT e.* FROM order_event e JOIN locked b ON b.id = e.batch_id WHERE b.decided_at IS NULL ORDER BY e.seq
""")
_AFTER = text("""
    SELECT id, seq, event_type, event_key, order_id, contact_id, snapshot, params, occurred_at FROM order_event
    WHERE (seq > :seq OR occurred_at > CAST(:since AS timestamptz))
      AND effect = 'acts' AND event_type = ANY(:types) AND order_id = :order_id
    UNION
    SELECT id, seq, event_type, event_key, order_id, contact_id, snapshot, params, occurred_at FROM order_event
    WHERE (seq > :seq OR occurred_at > CAST(:since AS timestamptz))
      AND effect = 'acts' AND event_type = ANY(:types) AND contact_id = :contact_id
    UNION
    -- not matched yet, but its order is of this contact, or claims an identity of it
    SELECT e.id, seq, event_type, event_key, order_id, :contact_id, snapshot, params, occurred_at
    FROM order_event e JOIN "order" o ON o.id = e.order_id
    WHERE e.matched_at IS NULL AND seq > :seq AND effect = 'acts' AND event_type = ANY(:types)
      AND (o.contact_id = :contact_id OR EXISTS (
        SELECT FROM contact_identity i WHERE i.contact_id = :contact_id
        AND (i.kind, i.value) IN (('external_customer_id', o.match_external_id), ('email', o.match_email),
                                  ('phone', o.match_phone))))
    ORDER BY seq LIMIT :limit
""")
_OVERTAKING = text("""
    SELECT id, seq, event_type, event_key, effect, order_id, contact_id, snapshot, params, occurred_at FROM order_event
    WHERE seq > :seq AND effect = 'acts' AND event_type = ANY(:types) AND order_id = ANY(:order_ids)
    UNION
    SELECT id, seq, event_type, event_key, effect, order_id, contact_id, snapshot, params, occurred_at FROM order_event
    WHERE seq > :seq AND effect = 'acts' AND event_type = ANY(:types) AND contact_id = ANY(:contact_ids)
    ORDER BY seq LIMIT :limit
""")
_MOST_OVERTAKING = 10_000
"""What lies beyond is seen by the runs themselves at their first step."""
_MOST_STOPS = 100
"""More events than this since a run began say nothing new about whether it has to stop."""


async def lost_batches(session: AsyncSession, *, before: datetime, limit: int) -> list[UUID]:
    """Batches that nobody has taken up since `before`, oldest first."""
    return list(await session.scalars(_LOST_BATCHES, {"before": before, "limit": limit}))


async def undecided_events(session: AsyncSession, batch_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Events of batches without decisions, in their order. One decide of the same batches works at a time."""
    found = await session.execute(_UNDECIDED, {"batch_ids": list(batch_ids)})
    return [dict(row) for row in found.mappings()]


async def mark_decided(
    session: AsyncSession, batch_ids: Sequence[UUID], versions: Sequence[UUID], now: datetime
) -> None:
    """Remember that the batches are decided, and which automation versions were live then."""
    await session.execute(
        update(EventBatch)
        .where(col(EventBatch.id).in_(batch_ids), col(EventBatch.decided_at).is_(None))
        .values(state=BatchState.PROCESSING, decided_at=now, versions=[str(version) for version in versions])
    )


async def mark_done(session: AsyncSession, batch_ids: Sequence[UUID], now: datetime) -> None:
    """Everything that the batches meant has happened."""
    await session.execute(
        update(EventBatch)
        .where(col(EventBatch.id).in_(batch_ids), col(EventBatch.done_at).is_(None))
        .values(state=BatchState.DONE, done_at=now)
    )


async def events_after(
    session: AsyncSession,
    seq: int,
    types: Collection[str],
    *,
    order_id: UUID | None,
    contact_id: UUID | None,
    since: datetime | None = None,
) -> list[dict[str, Any]]:
    """Acting events of these types after `seq` that concern this order or this contact, in their order.

    With `since` also earlier ones that came about after that moment.
    An event whose order is not matched yet counts when it claims an identity of the contact.
    """
    if not types:
        return []
    found = await session.execute(
        _AFTER,
        {
            "seq": seq,
            "types": sorted(types),
            "order_id": order_id,
            "contact_id": contact_id,
            "since": since,
            "limit": _MOST_STOPS,
        },
    )
    return [dict(row) for row in found.mappings()]


async def events_overtaking(
    session: AsyncSession,
    seq: int,
    types: Collection[str],
    *,
    order_ids: Collection[UUID],
    contact_ids: Collection[UUID],
) -> list[dict[str, Any]]:
    """As `events_after`, for many orders and contacts at once."""
    if not types:
        return []
    found = await session.execute(
        _OVERTAKING,
        {
            "seq": seq,
            "types": sorted(types),
            "order_ids": list(order_ids),
            "contact_ids": list(contact_ids),
            "limit": _MOST_OVERTAKING,
        },
    )
    return [dict(row) for row in found.mappings()]
