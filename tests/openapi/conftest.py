import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

import pytest
import uvicorn

from api.app import create_app
from core.settings import Settings
from store.keys import Scope, create_key
from store.session import open_database


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
    database = open_database(live_settings.database_url, pool_size=1)
    async with database.transaction() as session:
        key = await create_key(session, "test", [Scope.ADMIN], rate=1_000_000)
    await database.close()
    running = _Quiet(uvicorn.Config(create_app(live_settings), port=0, log_config=None, access_log=False))
    task = asyncio.create_task(running.serve())
    try:
        while not running.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        port = running.servers[0].sockets[0].getsockname()[1]
        yield Server(f"http://127.0.0.1:{port}", key.text)
    finally:
        running.should_exit = True
        await task
