"""Far ends of SMTP: one that says exactly what a test wants, and aiosmtpd with encryption and login."""

import asyncio
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import Enum, auto

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

AUTHORITY = trustme.CA()
"""Signs the certificates of this test process; nothing else trusts it."""


class Act(Enum):
    """What a server may do instead of answering."""

    CLOSE = auto()
    HANG = auto()


Answer = str | Act

_USUAL = {
    "GREETING": "220 mail.test ready",
    "EHLO": "250-mail.test\r\n250-SMTPUTF8\r\n250 AUTH PLAIN",
    "AUTH": "235 welcome",
    "DATA": "354 go on",
    "DOT": "250 2.0.0 Ok: queued as 4VxK123",
    "QUIT": "221 bye",
}


class ScriptedServer:
    """Speaks just enough SMTP. `script` holds, for each place, the answers in their order; then come the usual ones.

    The places are the commands, GREETING, CONTENT (once 64 KiB of it arrived) and DOT.
    """

    def __init__(self, **script: Answer | list[Answer]) -> None:
        self.script = {place: list(answers) if isinstance(answers, list) else None for place, answers in script.items()}
        self._always = {place: answer for place, answer in script.items() if not isinstance(answer, list)}
        self.sessions: list[list[str]] = []
        """The commands of each connection."""
        self.contents: list[bytes] = []
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._hanging: list[asyncio.Event] = []
        self._reached: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ScriptedServer"]:
        """Listen on a free port of 127.0.0.1."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 16)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await self.hang_up()
            await server.wait_closed()

    async def reached(self, place: str) -> None:
        """Wait until a client got that far."""
        async with asyncio.timeout(60):
            await self._reached[place].wait()

    async def hang_up(self) -> None:
        """End every connection from this side, and wait until they are gone."""
        for hanging in self._hanging:
            hanging.set()
        writers, self._writers = self._writers, []
        for writer in writers:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        commands: list[str] = []
        self.sessions.append(commands)
        with suppress(OSError, asyncio.IncompleteReadError):
            going = await self._answer("GREETING", writer)
            while going:
                line = (await reader.readuntil(b"\r\n")).decode().strip()
                commands.append(line)
                verb = line.split(maxsplit=1)[0].upper()
                going = await self._answer(verb, writer)
                if going and verb == "DATA":
                    going = await self._read_content(reader, writer)
        writer.close()

    async def _read_content(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        lines: list[bytes] = []
        if "CONTENT" in self.script:
            await reader.read(1 << 16)
            if not await self._answer("CONTENT", writer):
                return False
        while not lines or lines[-1] != b".\r\n":
            lines.append(await reader.readuntil(b"\r\n"))
        self.contents.append(b"".join(lines))
        return await self._answer("DOT", writer)

    async def _answer(self, place: str, writer: asyncio.StreamWriter) -> bool:
        """Whether the session goes on."""
        self._reached[place].set()
        planned = self.script.get(place)
        answer = planned.pop(0) if planned else self._always.get(place, _USUAL.get(place, "250 OK"))
        if answer is Act.CLOSE:
            return False
        if answer is Act.HANG:
            self._hanging.append(asyncio.Event())
            await self._hanging[-1].wait()
            return False
        writer.write(f"{answer}\r\n".encode())
        await writer.drain()
        return place != "QUIT"


class KeepingHandler:
    """Keeps what aiosmtpd accepts."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        self.envelopes.append(envelope)
        return "250 OK"


@asynccontextmanager
async def aiosmtpd_server(
    handler: KeepingHandler, *, tls: str = "none", password: str | None = None, utf8: bool = True
) -> AsyncIterator[int]:
    """A real SMTP server on a free port of 127.0.0.1, which it yields."""
    context = None
    if tls != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        AUTHORITY.issue_cert("localhost").configure_cert(context)
    loop = asyncio.get_running_loop()
    sessions: list[SMTP] = []

    def check(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        return AuthResult(success=data.password == (password or "").encode(), handled=False)

    def session() -> SMTP:
        sessions.append(
            SMTP(
                handler,
                hostname="mail.test",
                loop=loop,
                enable_SMTPUTF8=utf8,
                tls_context=context if tls == "starttls" else None,
                require_starttls=tls == "starttls",
                auth_required=password is not None,
                authenticator=check if password is not None else None,
            )
        )
        return sessions[-1]

    server = await loop.create_server(session, "127.0.0.1", 0, ssl=context if tls == "tls" else None)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for each in sessions:
            if isinstance(each.transport, asyncio.WriteTransport):
                each.transport.abort()
        await server.wait_closed()
