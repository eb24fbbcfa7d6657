"""What the pages work with, made once a process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.client import Client

from console.counted import Counts
from console.overview import Overview
from core.settings import Settings
from core.temporal import connect
from store import users
from store.session import Database, open_database
from store.users import SignedIn


@dataclass(frozen=True)
class Services:
    """The dependencies of every page."""

    settings: Settings
    database: Database
    client: Client
    overview: Overview
    counts: Counts

    async def whose(self, token: str | None) -> SignedIn | None:
        """Who holds this session, as of now."""
        if not token:
            return None
        async with self.database.transaction() as session:
            return await users.signed_in(session, token, datetime.now(UTC), idle=self.idle, longest=self.longest)

    @property
    def idle(self) -> timedelta:
        """A session that nobody uses for so long is over."""
        return timedelta(minutes=self.settings.console_idle_minutes)

    @property
    def longest(self) -> timedelta:
        """A session is over after so long in any case."""
        return timedelta(hours=self.settings.console_session_hours)


@asynccontextmanager
async def running_services(settings: Settings) -> AsyncIterator[Services]:
    """Services until the end of the block. Neither PostgreSQL nor Temporal has to answer yet."""
    database = open_database(settings.database_url, pool_size=min(settings.database_pool_size, 10))
    client = await connect(settings, lazy=True)
    try:
        yield Services(settings, database, client, Overview(database, settings), Counts())
    finally:
        await database.close()
