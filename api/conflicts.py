"""Transactions that lock what others lock too are tried again when PostgreSQL ends one of them."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import UnavailableError
from store.session import Database, is_conflict

_TRIES = 3

T = TypeVar("T")


async def in_transaction(database: Database, work: Callable[[AsyncSession], Awaitable[T]], *, what: str = "rows") -> T:
    """What `work` returns, once it is committed; `work` begins anew when others lock in another order.

    Raises UnavailableError, which says `what` others write, and then nothing is stored.
    """
    for _ in range(_TRIES):
        try:
            async with database.transaction() as session:
                return await work(session)
        except DBAPIError as error:
            if not is_conflict(error):
                raise
    raise UnavailableError(f"the same {what} are being written by others; try again")
