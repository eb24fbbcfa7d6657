"""A real worker process that kills itself at one point of the send path: `python -m tests.crash.worker_process POINT`.

POINT is before_claim, before_call (claimed, the provider not called), after_call (the provider has it, nothing
recorded), after_record or none. The process dies at the first message that comes there, or at the one of a number.
"""

import asyncio
import os
import signal
import sys
from pkgutil import resolve_name

from activities.send_message import SendActivities
from channels.base import AddressKind, Channel, Outcome, Outgoing
from core.channels import CHANNELS, Registered
from core.settings import Settings, read_settings
from worker.main import run_worker


class Deadly:
    """A channel at which its process dies."""

    def __init__(self, inner: Channel) -> None:
        self._inner = inner

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
        _reach("before_call")
        outcome = await self._inner.send(message)
        _reach("after_call")
        return outcome

    async def close(self) -> None:
        await self._inner.close()


def deadly_channel(settings: Settings) -> Channel:
    return Deadly(resolve_name(_email.providers[settings.email_provider])(settings))


async def deadly_claim(self: SendActivities, *args: object) -> object:
    _reach("before_claim")
    return await _claim(self, *args)


async def deadly_record(self: SendActivities, *args: object) -> object:
    found = await _record(self, *args)
    _reach("after_record")
    return found


def _reach(point: str) -> None:
    if point == sys.argv[1]:
        _left[0] -= 1
        if _left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


async def main() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await run_worker(read_settings(), stop)


if __name__ == "__main__":
    _email = CHANNELS["email"]
    CHANNELS["email"] = Registered("email", {"deadly": "__main__:deadly_channel"}, lambda _settings: "deadly")
    _left = [int(sys.argv[2]) if len(sys.argv) > 2 else 1]
    _claim, _record = SendActivities._claim, SendActivities._record
    SendActivities._claim, SendActivities._record = deadly_claim, deadly_record
    asyncio.run(main())
