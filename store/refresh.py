"""Cells and dynamic memberships are brought up to date, some contacts at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.segments.definition import Condition, read_condition
from core.segments.references import asks_for_groups, in_order, segments_in
from core.segments.rfm import recency_edges
from store.account import Account
from store.custom_events import NewEvent, record_events
from store.membership_sql import change_members
from store.score_sql import ensure_score_edges
from store.segments import ENTERED, LEFT
from store.tables import Segment
from store.tables.segment import SegmentKind

MOVED = "rfmMoved"
_LOCK = 5_072_006
"""Advisory lock: one recalculation at a time looks at the state and changes it, so each change is seen once."""

_CELLS = text("""
    WITH facts AS (
        SELECT contact_id, count(*) AS orders, max(date) AS last FROM "order"
        WHERE contact_id = ANY(CAST(:contacts AS uuid[])) AND status = 'DELIVERED' AND date <= :now
        GROUP BY contact_id
    ), cells AS (
        SELECT c.id, COALESCE(:cells - width_bucket(f.last, CAST(:edges AS timestamptz[])), 0) AS recency,
               width_bucket(COALESCE(f.orders, 0)::int, CAST(:bounds AS int[])) AS frequency
        FROM contact c LEFT JOIN facts f ON f.contact_id = c.id
        WHERE c.id = ANY(CAST(:contacts AS uuid[])) AND c.deleted_at IS NULL AND c.merged_into IS NULL
    ), changed AS (
        SELECT n.id, COALESCE(o.recency, 0) AS from_recency, COALESCE(o.frequency, 0) AS from_frequency,
               n.recency AS to_recency, n.frequency AS to_frequency, o.contact_id IS NOT NULL AS known
        FROM cells n LEFT JOIN contact_rfm o ON o.contact_id = n.id
        WHERE (o.recency, o.frequency) IS DISTINCT FROM (n.recency, n.frequency)
    ), kept AS (
        INSERT INTO contact_rfm (contact_id, recency, frequency) SELECT id, to_recency, to_frequency FROM changed
        ON CONFLICT (contact_id) DO UPDATE SET recency = excluded.recency, frequency = excluded.frequency, since = now()
    )
    INSERT INTO rfm_move (contact_id, from_recency, from_frequency, to_recency, to_frequency)
    SELECT id, from_recency, from_frequency, to_recency, to_frequency FROM changed
    WHERE (from_recency, from_frequency) <> (to_recency, to_frequency) AND (known OR :first_moves)
    RETURNING contact_id, from_recency, from_frequency, to_recency, to_frequency
""")
_QUIET = text("""
    SELECT c.id FROM unnest(CAST(:contacts AS uuid[])) AS c(id) CROSS JOIN LATERAL (
        SELECT e.effect FROM order_event e WHERE e.contact_id = c.id AND e.order_id IS NOT NULL
        ORDER BY e.seq DESC LIMIT 1) latest
    WHERE latest.effect = 'historical'
""")
_LOCKED = text("SELECT pg_advisory_xact_lock(:lock)")
_TAKE = text("""
    WITH taken AS (
        DELETE FROM touched_contact WHERE seq IN (
            SELECT seq FROM touched_contact ORDER BY seq LIMIT :limit FOR UPDATE SKIP LOCKED)
        RETURNING contact_id
    ) SELECT contact_id FROM taken, (SELECT pg_advisory_xact_lock(:lock)) AS locked
""")
_NEXT = text("""
    SELECT id FROM contact WHERE id > :after AND deleted_at IS NULL AND merged_into IS NULL ORDER BY id LIMIT :limit
""")
_COUNT = text("SELECT count(*) FROM contact WHERE deleted_at IS NULL AND merged_into IS NULL")
_CALCULATED = text("UPDATE segment SET calculated_at = now() WHERE id = :id AND updated_at = :seen")


_HEARD = text("""
    SELECT EXISTS (SELECT FROM automation a
                   JOIN automation_version v ON v.automation_id = a.id AND v.number = a.live_number
                   WHERE a.state <> 'archived' AND strpos(CAST(v.definition AS text), :event_type) > 0)
""")


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What changed; `batch` holds the events of it, to be processed after the commit."""

    contacts: int = 0
    moved: int = 0
    entered: int = 0
    left: int = 0
    batch: UUID | None = None
    more: bool = False
    """Further changes may wait."""


async def dynamic_segments(session: AsyncSession) -> list[tuple[Segment, Condition]]:
    """Every dynamic segment after those that it asks for."""
    rows = await session.scalars(select(Segment).where(col(Segment.kind) == SegmentKind.DYNAMIC))
    found = {row.name: (row, read_condition(row.definition)) for row in rows}
    return [found[name] for name in in_order({name: segments_in(one[1]) for name, one in found.items()})]


async def refresh_touched(session: AsyncSession, account: Account, *, limit: int = 1000) -> Refreshed:
    """Bring the contacts up to date whose orders changed; the oldest `limit` changes."""
    touched = list(await session.scalars(_TAKE, {"limit": limit, "lock": _LOCK}))
    if not touched:
        return Refreshed()
    changed = await _refresh(session, sorted(set(touched)), account, first_moves=True)
    return replace(changed, more=len(touched) == limit)


async def next_contacts(session: AsyncSession, after: UUID, limit: int) -> list[UUID]:
    """The contacts of the next piece of a full pass."""
    return list(await session.scalars(_NEXT, {"after": after, "limit": limit}))


async def count_contacts(session: AsyncSession) -> int:
    """How many contacts a full pass goes through."""
    return int(await session.scalar(_COUNT) or 0)


async def refresh(
    session: AsyncSession, contacts: Sequence[UUID], account: Account, *, first_moves: bool = False
) -> Refreshed:
    """Bring these contacts up to date and record what changed as events, all in the caller's transaction.

    A contact never seen before has its cell noted quietly, unless `first_moves`: then it comes from never. Who enters
    a segment that was never calculated as a whole, or through orders of the past, enters quietly too.
    """
    await session.execute(_LOCKED, {"lock": _LOCK})
    return await _refresh(session, contacts, account, first_moves=first_moves)


async def _refresh(
    session: AsyncSession, contacts: Sequence[UUID], account: Account, *, first_moves: bool
) -> Refreshed:
    edges = recency_edges(account.now, account.recency, account.zone)
    given = {"contacts": list(contacts)}
    cells = {"now": account.now, "cells": len(edges) + 1, "edges": edges, "bounds": list(account.frequency)}
    moves = (await session.execute(_CELLS, given | cells | {"first_moves": first_moves})).all()
    events = [
        NewEvent(
            MOVED,
            str(move.contact_id),
            {
                "fromRecency": move.from_recency,
                "fromFrequency": move.from_frequency,
                "toRecency": move.to_recency,
                "toFrequency": move.to_frequency,
            },
            contact_id=move.contact_id,
        )
        for move in moves
    ]
    entered_all = left_all = 0
    segments = await dynamic_segments(session)
    if any(asks_for_groups(condition) for _, condition in segments):
        await ensure_score_edges(session, account)
    for segment, condition in segments:
        entered, left = await change_members(session, segment.id, condition, account, contacts)
        entered_all, left_all = entered_all + len(entered), left_all + len(left)
        if segment.calculated_at is not None:
            params = {"segment": segment.name}
            events += [NewEvent(ENTERED, segment.name, params, contact_id=each) for each in entered]
            events += [NewEvent(LEFT, segment.name, params, contact_id=each) for each in left]
    batch = await _record(session, events)
    return Refreshed(len(contacts), len(moves), entered_all, left_all, batch)


async def mark_calculated(session: AsyncSession, seen: Sequence[tuple[UUID, datetime]]) -> None:
    """A full pass over these segments, as they were when it began, has ended."""
    for segment_id, updated_at in seen:
        await session.execute(_CALCULATED, {"id": segment_id, "seen": updated_at})


async def _record(session: AsyncSession, events: list[NewEvent]) -> UUID | None:
    if any(event.event_type == MOVED for event in events) and not await session.scalar(_HEARD, {"event_type": MOVED}):
        events = [event for event in events if event.event_type != MOVED]  # rfm_move has it; no order costs twice
    if not events:
        return None
    concerned = sorted({event.contact_id for event in events if event.contact_id})
    quiet = set(await session.scalars(_QUIET, {"contacts": concerned}))
    loud = [event for event in events if event.contact_id not in quiet]
    return await record_events(session, "segments", loud) if loud else None
