"""A client that costs little beside what it measures: keep-alive connections, requests that are bytes already."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self, cast

from cli.ports import LOOPBACK
from core.errors import UnavailableError

_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass(frozen=True)
class Target:
    """A route that takes POST."""

    port: int
    path: str
    pid: int
    key: str = "none"

    def request(self, body: bytes) -> bytes:
        """The whole request."""
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


class Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport
        self._received = bytearray()
        self._answer: asyncio.Future[bytes] | None = None

    @classmethod
    async def open(cls, target: Target) -> Self:
        """Connect."""
        _, connection = await asyncio.get_running_loop().create_connection(cls, LOOPBACK, target.port)
        return connection

    async def send(self, request: bytes) -> bytes:
        """The answer's body. Raises UnavailableError unless it is a 200."""
        self._received.clear()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's are no subclasses

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(_END)
        if end < 0 or self._answer is None or self._answer.done():
            return
        head = bytes(self._received[:end]).lower()
        _, _, rest = head.partition(_LENGTH)
        body = self._received[end + len(_END) :]
        if len(body) < int(rest.partition(b"\r\n")[0]):
            return
        if head.startswith(b"http/1.1 200"):
            self._answer.set_result(bytes(body))
        else:
            self._answer.set_exception(UnavailableError(f"the API did not accept the orders: {bytes(body[:500])!r}"))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(UnavailableError(f"the API hung up: {exc}"))


async def at_once(target: Target, clients: int, requests: int, body: Callable[[int], bytes]) -> float:
    """Requests a second of so many clients, each of which waits for its answer. `body` makes the body of a number."""
    connections = [await Connection.open(target) for _ in range(clients)]
    prepared = [target.request(body(number)) for number in range(requests)]
    todo = iter(prepared)

    async def client(connection: Connection) -> None:
        for request in todo:
            await connection.send(request)

    begun = time.perf_counter()
    try:
        await asyncio.gather(*map(client, connections))
    finally:
        for connection in connections:
            connection.close()
    return requests / (time.perf_counter() - begun)
