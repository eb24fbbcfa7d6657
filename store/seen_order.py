"""The order that a run sees when it is another than that of its event."""

from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_BY_ID = text('SELECT id, version FROM "order" WHERE id = :id')
_BY_EXTERNAL_ID = text('SELECT id, version FROM "order" WHERE external_order_id = :id')
_LATEST = text('SELECT id, version FROM "order" WHERE contact_id = :id ORDER BY date DESC, id DESC LIMIT 1')
_SET = text("UPDATE run SET seen_order_id = :order_id WHERE id = :run_id")


class SeenOrder(NamedTuple):
    """An order as it is now."""

    id: UUID
    version: int


async def find_order(
    session: AsyncSession, *, order_id: str | None, external_id: str | None, contact_id: UUID | None
) -> SeenOrder | None:
    """By our id, else by the shop's, else the contact's latest; None when there is no such order."""
    if order_id is not None:
        with suppress(ValueError):
            return await _one(session, _BY_ID, UUID(order_id))
        return None
    if external_id is not None:
        return await _one(session, _BY_EXTERNAL_ID, external_id)
    return await _one(session, _LATEST, contact_id) if contact_id is not None else None


async def set_seen_order(session: AsyncSession, run_id: UUID, order_id: UUID | None) -> None:
    """From now on the run sees this order; None is its own."""
    await session.execute(_SET, {"run_id": run_id, "order_id": order_id})


async def _one(session: AsyncSession, statement: object, key: object) -> SeenOrder | None:
    row = (await session.execute(statement, {"id": key})).one_or_none()  # type: ignore[call-overload] # a text clause
    return SeenOrder(*row) if row is not None else None
