"""The far end of HTTP: says exactly what a test wants and keeps what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any


class Act(Enum):
    """What a server may do instead of answering."""

    HANG = auto()
    CLOSE = auto()


@dataclass(frozen=True)
class Said:
    """One answer."""

    status: int = 200
    body: object = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes

    def json(self) -> Any:  # Any: JSON
        return json.loads(self.body)


class HttpServer:
    """Answers each request with the next of `answers`, the last one again and again."""

    def __init__(self, *answers: Said | Act) -> None:
        self._answers = list(answers)
        self.asked: list[Asked] = []
        self.url = ""
        self._writers: list[asyncio.StreamWriter] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator["HttpServer"]:
        """Listen on a free port of 127.0.0.1."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for writer in self._writers:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await self._one(reader, writer):
                pass
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.asked.append(Asked(method, path, headers, body))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if answer is Act.HANG:
            await reader.read()  # until the client goes
        if isinstance(answer, Act):
            return False
        content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        head = [f"HTTP/1.1 {answer.status} Said", f"Content-Length: {len(content)}"]
        head += [f"{name}: {value}" for name, value in answer.headers]
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + content)
        await writer.drain()
        return True
