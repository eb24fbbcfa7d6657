"""A few SMTP sessions kept open for the next message."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from channels.smtp_connection import Connection


@dataclass
class Pool:
    """At most `size` sessions at once; each ends after `messages` messages or `idle_seconds` of rest."""

    connect: Callable[[], Awaitable[Connection]]
    size: int = 8
    messages: int = 100
    idle_seconds: float = 30.0
    _slots: asyncio.Semaphore = field(init=False)
    _resting: list[tuple[Connection, asyncio.TimerHandle]] = field(init=False, default_factory=list)
    _closed: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.size)

    async def acquire(self) -> Connection:
        """A session that nobody else uses; the one that rested least, else a new one. Give it to `release`."""
        await self._slots.acquire()
        try:
            while self._resting:
                connection, timer = self._resting.pop()
                timer.cancel()
                if connection.is_reusable:
                    return connection
                connection.dismiss()
            return await self.connect()
        except BaseException:
            self._slots.release()
            raise

    def release(self, connection: Connection) -> None:
        """Take a session back, to rest or to end."""
        if self._closed or not connection.is_reusable or connection.messages >= self.messages:
            connection.dismiss()
        else:
            timer = asyncio.get_running_loop().call_later(self.idle_seconds, self._retire, connection)
            self._resting.append((connection, timer))
        self._slots.release()

    async def close(self) -> None:
        """End the resting sessions, and the others when they come back."""
        self._closed = True
        while self._resting:
            connection, timer = self._resting.pop()
            timer.cancel()
            connection.dismiss()
        await asyncio.sleep(0)  # lets the sockets close before the loop may

    def _retire(self, connection: Connection) -> None:
        self._resting = [(other, timer) for other, timer in self._resting if other is not connection]
        connection.dismiss()
