"""A real worker process that kills itself at one point of the send path: `python -m tests.crash.worker_process POINT`.

POINT is before_call (claimed, the provider not called), after_call (the provider has it, nothing recorded) or none.
"""

import asyncio
import os
import signal
import sys

from channels import registry
from channels.base import AddressKind, Channel, Outcome, Outgoing
from core.settings import Settings, read_settings
from worker.main import run_worker


class Deadly:
    """A channel at which its process dies."""

    def __init__(self, inner: Channel, point: str) -> None:
        self._inner = inner
        self._point = point

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def takes_key(self) -> bool:
        return self._inner.takes_key

    @property
    def address_kind(self) -> AddressKind:
        return self._inner.address_kind

    async def send(self, message: Outgoing) -> Outcome:
        if self._point == "before_call":
            os.kill(os.getpid(), signal.SIGKILL)
        outcome = await self._inner.send(message)
        if self._point == "after_call":
            os.kill(os.getpid(), signal.SIGKILL)
        return outcome

    async def close(self) -> None:
        await self._inner.close()


def deadly_channel(settings: Settings) -> Channel:
    return Deadly(_email(settings), sys.argv[1])


async def main() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await run_worker(read_settings(), stop)


if __name__ == "__main__":
    _email = registry.CHANNELS["email"]
    registry.CHANNELS["email"] = deadly_channel
    asyncio.run(main())
