"""Cells and dynamic memberships are brought up to date, some contacts at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from core.segments.references import asks_for_groups
from core.segments.rfm import recency_edges
from store.account import Account
from store.account_sql import Span, Whom
from store.custom_events import NewEvent, heard, record_events
from store.driver_sql import DriverSql
from store.dynamic_segments import ALL_DYNAMIC, DynamicSegment, dynamic_segments, understood
from store.membership_sql import change_members
from store.score_sql import ensure_score_edges
from store.segments import ENTERED, LEFT

MOVED = "rfmMoved"
_LOCK = 5_072_006
"""Advisory lock: one recalculation at a time looks at the state and changes it, so each change is seen once."""

_CELLS = """
    WITH facts AS (
        SELECT contact_id, count(*) AS orders, max(date) AS last FROM "order" o
        WHERE {orders_of_whom} AND status = 'DELIVERED' AND date <= :now
        GROUP BY contact_id
    ), cells AS (
        SELECT c.id, COALESCE(:cells - width_bucket(f.last, CAST(:edges AS timestamptz[])), 0) AS recency,
               width_bucket(COALESCE(f.orders, 0)::int, CAST(:bounds AS int[])) AS frequency
        FROM contact c LEFT JOIN facts f ON f.contact_id = c.id
        WHERE {whom} AND c.deleted_at IS NULL AND c.merged_into IS NULL
    ), changed AS (
        SELECT n.id, COALESCE(o.recency, 0) AS from_recency, COALESCE(o.frequency, 0) AS from_frequency,
               n.recency AS to_recency, n.frequency AS to_frequency, o.contact_id IS NOT NULL AS known
        FROM cells n LEFT JOIN contact_rfm o ON o.contact_id = n.id AND {cells_of_whom}
        WHERE (o.recency, o.frequency) IS DISTINCT FROM (n.recency, n.frequency)
    ), kept AS (
        INSERT INTO contact_rfm (contact_id, recency, frequency) SELECT id, to_recency, to_frequency FROM changed
        ON CONFLICT (contact_id) DO UPDATE SET recency = excluded.recency, frequency = excluded.frequency, since = now()
    )
    INSERT INTO rfm_move (contact_id, from_recency, from_frequency, to_recency, to_frequency)
    SELECT id, from_recency, from_frequency, to_recency, to_frequency FROM changed
    WHERE (from_recency, from_frequency) <> (to_recency, to_frequency) AND (known OR :first_moves)
    RETURNING contact_id, from_recency, from_frequency, to_recency, to_frequency
"""


def _cells_of(whom: str) -> DriverSql:
    mine = whom.format("o.contact_id")
    return DriverSql.of(_CELLS.format(whom=whom.format("c.id"), orders_of_whom=mine, cells_of_whom=mine))


_CELLS_OF_GIVEN = _cells_of("{} = ANY(CAST(:given AS uuid[]))")
_CELLS_OF_SPAN = _cells_of("{0} > :after AND {0} <= :last")
_QUIET = text("""
    SELECT c.id FROM unnest(CAST(:contacts AS uuid[])) AS c(id) CROSS JOIN LATERAL (
        SELECT e.effect FROM order_event e WHERE e.contact_id = c.id AND e.order_id IS NOT NULL
        ORDER BY e.seq DESC LIMIT 1) latest
    WHERE latest.effect = 'historical'
""")
_LOCKED = text("SELECT pg_advisory_xact_lock(:lock)")
# Planning takes longer than counting the orders of one contact. But the plan that is kept for any number of contacts is
# made for ten, and takes a second for thousands.
_FOR_MANY = text("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")
_FOR_FEW = "set_config('plan_cache_mode', 'force_generic_plan', true)"
_MANY = 50
# Whoever is not free to go on takes nobody. The lock comes before all that later statements look at.
_TAKE = DriverSql.of(f"""
    WITH mine AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(:lock) AS free),
    taken AS (
        DELETE FROM touched_contact WHERE (SELECT free FROM mine) AND seq IN (
            SELECT seq FROM touched_contact ORDER BY seq LIMIT :limit FOR UPDATE SKIP LOCKED)
        RETURNING contact_id
    )
    SELECT mine.free, (SELECT count(*) FROM taken) AS changes,
           ARRAY(SELECT DISTINCT contact_id FROM taken ORDER BY 1) AS contacts, {ALL_DYNAMIC} AS segments, {_FOR_FEW}
    FROM mine
""")  # noqa: S608 (constants)
_FULL_PIECE = text("""
    SELECT id FROM contact WHERE id > :after AND deleted_at IS NULL AND merged_into IS NULL
    ORDER BY id OFFSET CAST(:limit AS int) - 1 LIMIT 1
""")
_LAST_PIECE = text("""
    SELECT (array_agg(id ORDER BY id DESC))[1] AS last, count(*) AS contacts
    FROM contact WHERE id > :after AND deleted_at IS NULL AND merged_into IS NULL
""")
_COUNT = text("SELECT count(*) FROM contact WHERE deleted_at IS NULL AND merged_into IS NULL")
_CALCULATED = text("UPDATE segment SET calculated_at = now() WHERE id = :id AND updated_at = :seen")


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What changed; `batch` holds the events of it, to be processed after the commit."""

    moved: int = 0
    entered: int = 0
    left: int = 0
    batch: UUID | None = None
    more: bool = False
    """Further changes may wait."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Contacts that one transaction of a full pass brings up to date, and how many they are."""

    span: Span
    contacts: int


async def refresh_touched(
    session: AsyncSession, account: Account, *, limit: int = 1000, wait: bool = True
) -> Refreshed:
    """Bring the contacts up to date whose orders changed; the oldest `limit` changes.

    While another recalculation goes on it waits, or leaves it at `more`: who holds locks that the other may need must
    not wait.
    """
    given = {"limit": limit, "lock": _LOCK}
    taken = (await _TAKE.run(session, given)).one()
    if not taken.free:
        if not wait:
            return Refreshed(more=True)
        await hold_recalculation(session)
        taken = (await _TAKE.run(session, given)).one()
    if not taken.contacts:
        return Refreshed()
    changed = await _refresh(session, taken.contacts, account, understood(taken.segments), first_moves=True)
    return replace(changed, more=taken.changes == limit)


async def hold_recalculation(session: AsyncSession) -> None:
    """Wait for a recalculation that goes on and hold others off until this transaction ends; before all other locks."""
    await session.execute(_LOCKED, {"lock": _LOCK})


async def next_contacts(session: AsyncSession, after: UUID, limit: int) -> Piece | None:
    """The next piece of a full pass; None after the last."""
    last: UUID | None = await session.scalar(_FULL_PIECE, {"after": after, "limit": limit})
    if last:
        return Piece(Span(after, last), limit)
    found = (await session.execute(_LAST_PIECE, {"after": after})).one()
    return Piece(Span(after, found.last), found.contacts) if found.contacts else None


async def count_contacts(session: AsyncSession) -> int:
    """How many contacts a full pass goes through."""
    return int(await session.scalar(_COUNT) or 0)


async def refresh(session: AsyncSession, whom: Whom, account: Account, *, first_moves: bool = False) -> Refreshed:
    """Bring these contacts up to date and record what changed as events, all in the caller's transaction.

    A contact never seen before has its cell noted quietly, unless `first_moves`: then it comes from never. Who enters
    a segment that was never calculated as a whole, or through orders of the past, enters quietly too.
    """
    await hold_recalculation(session)
    return await _refresh(session, whom, account, await dynamic_segments(session), first_moves=first_moves)


async def _refresh(
    session: AsyncSession,
    whom: Whom,
    account: Account,
    segments: Sequence[DynamicSegment],
    *,
    first_moves: bool,
) -> Refreshed:
    if isinstance(whom, Span) or len(whom) > _MANY:
        await session.execute(_FOR_MANY)
    moves = await _move(session, whom, account, first_moves=first_moves)
    # rfm_move has all of them; no order costs twice because of events for which nobody waits
    events = [_moved(move) for move in moves] if moves and await heard(session, [MOVED]) else []
    entered_all = left_all = 0
    if any(asks_for_groups(segment.condition) for segment in segments):
        await ensure_score_edges(session, account)
    for segment in segments:
        entered, left = await change_members(session, segment.id, segment.condition, account, whom)
        entered_all, left_all = entered_all + len(entered), left_all + len(left)
        if segment.calculated:
            params = {"segment": segment.name}
            events += [NewEvent(ENTERED, segment.name, params, contact_id=each) for each in entered]
            events += [NewEvent(LEFT, segment.name, params, contact_id=each) for each in left]
    batch = await _record(session, events)
    return Refreshed(len(moves), entered_all, left_all, batch)


async def _move(
    session: AsyncSession, whom: Whom, account: Account, *, first_moves: bool
) -> Sequence[Row[Any]]:  # Any: a contact, and the cells from and to
    edges = recency_edges(account.now, account.recency, account.zone)
    given: dict[str, object] = {
        "now": account.now,
        "cells": len(edges) + 1,
        "edges": edges,
        "bounds": list(account.frequency),
        "first_moves": first_moves,
    }
    if isinstance(whom, Span):
        return (await _CELLS_OF_SPAN.run(session, given | {"after": whom.after, "last": whom.last})).all()
    return (await _CELLS_OF_GIVEN.run(session, given | {"given": list(whom)})).all()


def _moved(move: Row[Any]) -> NewEvent:  # Any: as _move tells
    cells = {
        "fromRecency": move.from_recency,
        "fromFrequency": move.from_frequency,
        "toRecency": move.to_recency,
        "toFrequency": move.to_frequency,
    }
    return NewEvent(MOVED, str(move.contact_id), cells, contact_id=move.contact_id)


async def mark_calculated(session: AsyncSession, seen: Sequence[tuple[UUID, datetime]]) -> None:
    """A full pass over these segments, as they were when it began, has ended."""
    for segment_id, updated_at in seen:
        await session.execute(_CALCULATED, {"id": segment_id, "seen": updated_at})


async def _record(session: AsyncSession, events: list[NewEvent]) -> UUID | None:
    if not events:
        return None
    concerned = sorted({event.contact_id for event in events if event.contact_id})
    quiet = set(await session.scalars(_QUIET, {"contacts": concerned}))
    loud = [event for event in events if event.contact_id not in quiet]
    return await record_events(session, "segments", loud) if loud else None
