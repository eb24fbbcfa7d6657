"""Orders as they are."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.errors import NotFoundError
from store.tables import Order


async def find_order(session: AsyncSession, external_order_id: str) -> Order:
    """One order by the shop's id. Raises NotFoundError."""
    found = await session.scalar(select(Order).where(col(Order.external_order_id) == external_order_id))
    if found is None:
        raise NotFoundError("order", external_order_id)
    return found


def order_columns(order: Order) -> dict[str, Any]:
    """The row by column, as core.document.snapshot takes it."""
    return order.model_dump()
