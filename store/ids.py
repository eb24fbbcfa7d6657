"""Ids of rows that are to be made, where other rows name them in the same statement."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_NEW = text("SELECT uuidv7() FROM generate_series(1, :count)")


async def new_ids(session: AsyncSession, count: int) -> list[UUID]:
    """So many ids, in the order of their making."""
    return list(await session.scalars(_NEW, {"count": count})) if count else []
