"""A real SMTP server that only notes when it accepted what for whom."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiosmtpd.smtp import SMTP, Envelope, Session

from cli.ports import LOOPBACK


class Sink:
    """Takes every mail and keeps none."""

    def __init__(self) -> None:
        self.port = 0
        """Where it listens, once it runs."""
        self._arrived: dict[str, asyncio.Future[float]] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen on a free port."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(self, hostname="sink.test", loop=loop), LOOPBACK, 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()

    async def arrival(self, address: str, *, seconds: float = 30.0) -> float:
        """When the first mail for this address was accepted, by `time.perf_counter`. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            return await self._expected(address)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 # aiosmtpd's name
        """Accept."""
        now = time.perf_counter()
        for address in envelope.rcpt_tos:
            if not (expected := self._expected(address)).done():
                expected.set_result(now)
        return "250 OK"

    def _expected(self, address: str) -> asyncio.Future[float]:
        return self._arrived.setdefault(address, asyncio.get_running_loop().create_future())
