"""Deleting orders, a bounded piece at a time: first their runs are told, then the rows go."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_CHOOSE_ONE = text(
    'SELECT id FROM "order" WHERE external_order_id = :external_order_id AND created_at <= :requested_at'
)
_CHOOSE_RANGE = text("""
    SELECT id FROM "order" WHERE date >= :since AND date < :until AND created_at <= :requested_at
    ORDER BY date, id LIMIT :limit
""")
_LOCK = text('SELECT id FROM "order" WHERE id = ANY(:ids) ORDER BY external_order_id FOR UPDATE')
_UNTOLD = text("""
    SELECT EXISTS (SELECT FROM run WHERE order_id = ANY(:ids) AND stop IS NULL
                   AND state IN ('pending', 'running', 'waiting'))
""")
_BLANK = text("""
    UPDATE message m SET content = NULL FROM run r
    WHERE r.id = m.run_id AND r.order_id = ANY(:ids) AND m.content IS NOT NULL
""")
_DELETE = text('DELETE FROM "order" WHERE id = ANY(:ids) RETURNING id')


async def choose_order(session: AsyncSession, external_order_id: str, *, requested_at: datetime) -> list[UUID]:
    """The order of this id, if it was there when its deletion was asked for."""
    params = {"external_order_id": external_order_id, "requested_at": requested_at}
    return list(await session.scalars(_CHOOSE_ONE, params))


async def choose_orders(
    session: AsyncSession, since: datetime, until: datetime, *, requested_at: datetime, limit: int
) -> list[UUID]:
    """Orders dated in [since, until) that were there when their deletion was asked for, oldest first."""
    params = {"since": since, "until": until, "requested_at": requested_at, "limit": limit}
    return list(await session.scalars(_CHOOSE_RANGE, params))


async def delete_orders(session: AsyncSession, order_ids: Sequence[UUID]) -> int | None:
    """Delete orders, their events and decisions; messages lose their content. Returns how many there were.

    None, and nothing is deleted, when a run has begun that was not told to stop.
    """
    ids = {"ids": list(order_ids)}
    await session.execute(_LOCK, ids)  # from here on no new run can refer to them
    if await session.scalar(_UNTOLD, ids):
        return None
    await session.execute(_BLANK, ids)
    return len(list(await session.scalars(_DELETE, ids)))
