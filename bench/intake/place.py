"""PostgreSQL, Temporal and API processes of the product, for as long as a block lasts; no worker."""

import os
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.intake.load import Target
from cli.embedded import EmbeddedPostgres, EmbeddedTemporal
from cli.embedded_process import Child, find_command
from cli.ports import LOOPBACK, free_port
from store.keys import Scope, create_key
from store.schema import upgrade
from store.session import open_database

_START_SECONDS = 180.0
_RATE = 1_000_000
"""Requests a second that the key may make: what is measured is not the limit."""


@dataclass(frozen=True)
class Servers:
    """Where everything is kept; accepted batches are started, and nobody works on them."""

    postgres: EmbeddedPostgres
    temporal: EmbeddedTemporal
    folder: Path

    async def database(self, name: str) -> str:
        """A new database with the current schema."""
        url = await self.postgres.database(name)
        await upgrade(url)
        return url

    @asynccontextmanager
    async def api(self, url: str) -> AsyncIterator[Target]:
        """One API process on this database."""
        database = open_database(url, pool_size=1)
        try:
            async with database.transaction() as session:
                key = await create_key(session, "bench", [Scope.ADMIN], rate=_RATE)
        finally:
            await database.close()
        environment = {"ORDERCUE_DATABASE_URL": url, "ORDERCUE_TEMPORAL_ADDRESS": self.temporal.address}
        command: list[str | Path] = [find_command("ordercue"), "api"]
        async with self._serving("api", command, environment, "/readyz") as target:
            yield Target(target.port, "/api/v1/orders", target.pid, key.text)

    @asynccontextmanager
    async def bare_api(self) -> AsyncIterator[Target]:
        """The route that validates and does no more, in a process like that of the API."""
        command = [sys.executable, "-m", "bench.intake.bare_api"]
        async with self._serving("bare", command, {}, "/healthz") as target:
            yield target

    @asynccontextmanager
    async def _serving(
        self, name: str, command: Sequence[str | Path], environment: dict[str, str], health: str
    ) -> AsyncIterator[Target]:
        port = free_port(0)
        child = await Child.start(
            name,
            [*command, "--port", str(port)],
            log=self.folder / f"{name}-{port}.log",
            environment=os.environ | environment,
        )

        async def answers() -> bool:
            async with httpx.AsyncClient(trust_env=False) as http:
                return (await http.get(f"http://{LOOPBACK}:{port}{health}")).is_success

        try:
            await child.wait_until(answers, seconds=_START_SECONDS, port=port)
            yield Target(port, "/", child.pid)
        finally:
            await child.stop()


@asynccontextmanager
async def servers(*, forgetful: bool = False, folder: Path | None = None) -> AsyncIterator[Servers]:
    """Both servers on a temporary folder, or this one. PostgreSQL is as durable as in production unless `forgetful`."""
    async with AsyncExitStack() as exits:
        if folder is None:
            folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="ordercue-bench-")))
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)  # PostgreSQL passes through as another user when this runs as root
        postgres = await exits.enter_async_context(EmbeddedPostgres(folder / "postgres", forgetful=forgetful))
        temporal = await exits.enter_async_context(EmbeddedTemporal(folder / "temporal", ui=False, forgetful=True))
        yield Servers(postgres, temporal, folder)
