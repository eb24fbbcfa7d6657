"""How commands reach PostgreSQL: one transaction a command."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from core.settings import read_settings
from store.session import open_database

T = TypeVar("T")


def in_transaction(work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """Run one piece of work, commit, and give back what it returned."""

    async def run() -> T:
        database = open_database(read_settings().database_url, pool_size=1)
        try:
            async with database.transaction() as session:
                return await work(session)
        finally:
            await database.close()

    return asyncio.run(run())
