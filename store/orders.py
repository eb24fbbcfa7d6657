"""Orders as they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.errors import NotFoundError
from store.order_search import SearchText, matching
from store.tables import Order

_ORDER = Order.__table__  # type: ignore[attr-defined] # SQLModel does not type __table__
_DOCUMENTS = {"items", "additional_info", "extra"}
_LISTED = [column for column in _ORDER.c if column.name not in _DOCUMENTS]

OrderRow = Mapping[str, Any]  # Any: each column has its own type


@dataclass(frozen=True, slots=True)
class OrderPlace:
    """A place in the list of orders: just behind the order of this date and id."""

    date: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """Which orders; None does not restrict. Dates from `since` up to, and without, `until`."""

    status: str | None = None
    contact_id: UUID | None = None
    store_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    search: SearchText | None = None
    unmatched: bool = False
    """Only orders that no contact was found for."""
    external_order_id: str | None = None


async def find_order(session: AsyncSession, external_order_id: str) -> Order:
    """One order by the shop's id. Raises NotFoundError."""
    found = None
    if "\0" not in external_order_id:  # PostgreSQL refuses such a text
        found = await session.scalar(select(Order).where(col(Order.external_order_id) == external_order_id))
    if found is None:
        raise NotFoundError("order", external_order_id)
    return found


async def get_order(session: AsyncSession, order_id: UUID) -> Order:
    """One order by our id. Raises NotFoundError."""
    found = await session.get(Order, order_id)
    if found is None:
        raise NotFoundError("order", str(order_id))
    return found


async def list_orders(
    session: AsyncSession, wanted: OrderFilter, *, after: OrderPlace | None, limit: int
) -> list[OrderRow]:
    """Orders by date, newest first, without their documents (items, additional_info, extra)."""
    query = select(*_LISTED).where(*await conditions(session, wanted))
    if after:
        query = query.where(tuple_(_ORDER.c.date, _ORDER.c.id) < (after.date, after.id))
    query = query.order_by(_ORDER.c.date.desc(), _ORDER.c.id.desc()).limit(limit)
    return [dict(row) for row in (await session.execute(query)).mappings()]


def order_columns(order: Order) -> dict[str, Any]:
    """The row by column, as core.document.snapshot takes it."""
    return order.model_dump()


async def conditions(session: AsyncSession, wanted: OrderFilter) -> list[ColumnElement[bool]]:
    """What a row of `order` has to fulfil."""
    found: list[ColumnElement[bool]] = []
    for column in ("external_order_id", "status", "contact_id", "store_id"):
        value = getattr(wanted, column)
        if value is not None:
            found.append(_ORDER.c[column] == value)
    if wanted.since:
        found.append(_ORDER.c.date >= wanted.since)
    if wanted.until:
        found.append(_ORDER.c.date < wanted.until)
    if wanted.unmatched:
        found.append(_ORDER.c.contact_id.is_(None))
    if wanted.search:
        found.append(await matching(session, wanted.search))
    return found
