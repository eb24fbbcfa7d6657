"""Signs of life of an activity that waits for somebody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from temporalio import activity

_EVERY_SECONDS = 3.0


@asynccontextmanager
async def heartbeats() -> AsyncIterator[None]:
    """Heartbeat while the block lasts, so that a killed worker is noticed in seconds. A short block sends none."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            activity.heartbeat()

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
