"""Real processes of Ordercue, to be killed."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from cli.embedded_process import find_command
from cli.ports import free_port
from core.settings import Settings

_NAMES = (
    "database_url", "database_pool_size", "temporal_address", "temporal_namespace", "smtp_host", "smtp_port",
    "sweep_seconds", "sweep_after_seconds",
)  # fmt: skip


def environment(settings: Settings) -> dict[str, str]:
    """What a process needs to work with these settings."""
    return os.environ | {f"ORDERCUE_{name.upper()}": str(getattr(settings, name)) for name in _NAMES}


@dataclass
class Served:
    """An API process. `kill` and `start` may be called in turn."""

    settings: Settings
    port: int = field(default_factory=lambda: free_port(0))
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = await start("api", "--port", str(self.port), settings=self.settings)
        async with asyncio.timeout(60), httpx.AsyncClient(trust_env=False) as http:
            while True:
                try:
                    await http.get(f"{self.url}/healthz")
                except httpx.HTTPError:
                    await asyncio.sleep(0.05)
                else:
                    return

    async def kill(self) -> None:
        """Kill -9."""
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


async def start(*arguments: str, settings: Settings) -> asyncio.subprocess.Process:
    """Start `ordercue` with these arguments."""
    return await asyncio.create_subprocess_exec(
        find_command("ordercue"),
        *arguments,
        env=environment(settings),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


@asynccontextmanager
async def served(settings: Settings, count: int = 1) -> AsyncIterator[list[Served]]:
    """So many API processes on the same servers."""
    apis = [Served(settings) for _ in range(count)]
    try:
        await asyncio.gather(*(api.start() for api in apis))
        yield apis
    finally:
        for api in apis:
            await api.kill()


@asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[None]:
    """A worker process."""
    process = await start("worker", settings=settings)
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
