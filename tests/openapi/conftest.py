import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import NamedTuple

import pytest
import uvicorn

from api.app import create_app
from cli.embedded import EmbeddedTemporal
from core.settings import Settings
from store.keys import Scope, create_key
from store.session import open_database
from tests.servers import Databases, SmtpServer, fresh_namespace, settings_on


class Server(NamedTuple):
    """A real HTTP server of the API, and a key that may do everything."""

    url: str
    key: str


class _Quiet(uvicorn.Server):
    """Leaves the signals to pytest."""

    def capture_signals(self) -> AbstractContextManager[None]:
        return nullcontext()


@pytest.fixture
async def server(live_settings: Settings) -> AsyncIterator[Server]:
    """A server of this test alone."""
    async with _serving(live_settings) as server:
        yield server


@pytest.fixture(scope="module")
async def shared_server(databases: Databases, temporal_server: EmbeddedTemporal) -> AsyncIterator[Server]:
    """A server of all tests of a module, for those that only need one with an order of their own."""
    smtp = SmtpServer()
    async with databases.fresh() as url, smtp.running():
        client = await fresh_namespace(temporal_server)
        async with _serving(settings_on(url, temporal_server, client, smtp)) as server:
            yield server


@asynccontextmanager
async def _serving(settings: Settings) -> AsyncIterator[Server]:
    database = open_database(settings.database_url, pool_size=1)
    async with database.transaction() as session:
        key = await create_key(session, "test", [Scope.ADMIN], rate=1_000_000)
    await database.close()
    running = _Quiet(uvicorn.Config(create_app(settings), port=0, log_config=None, access_log=False))
    task = asyncio.create_task(running.serve())
    try:
        while not running.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        port = running.servers[0].sockets[0].getsockname()[1]
        yield Server(f"http://127.0.0.1:{port}", key.text)
    finally:
        running.should_exit = True
        await task
