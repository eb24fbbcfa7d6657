"""The local mailbox: an SMTP server that takes every mail, and pages and an API that show what came."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session

from cli.mailbox_app import create_mailbox_app
from cli.mailbox_folder import MailFolder
from core.errors import ConfigurationError

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class MailboxAddresses:
    """Where the mailbox listens."""

    smtp_host: str
    smtp_port: int
    url: str
    """Of the pages; the API is below it at `/api/messages`."""


async def serve_mailbox(
    *,
    smtp_host: str,
    smtp_port: int,
    http_port: int,
    folder: Path,
    ready: Callable[[MailboxAddresses], None],
    keep: int = 10_000,
) -> None:
    """Serve until SIGTERM, SIGINT or cancellation. A port of 0 takes a free one; `ready` is told which.

    Keeps the newest `keep` messages as files in `folder`. Raises ConfigurationError when a port is taken.
    """
    messages = await asyncio.to_thread(MailFolder, folder, keep=keep)
    hosts = list(_LOOPBACK) if smtp_host in _LOOPBACK else ["*"]
    config = uvicorn.Config(
        create_mailbox_app(messages, hosts=hosts),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    with _listener(smtp_host, smtp_port) as smtp, _listener(smtp_host, http_port) as http:
        async with _smtp_server(messages, smtp):
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve([http]))
            url = f"http://{smtp_host}:{http.getsockname()[1]}"
            ready(MailboxAddresses(smtp_host, smtp.getsockname()[1], url))  # both listen; what comes now is answered
            try:
                await asyncio.shield(serving)
            except asyncio.CancelledError:
                server.should_exit = True
                await serving
                raise


class _Receiver:
    """What aiosmtpd asks about a message."""

    def __init__(self, folder: MailFolder) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        try:
            key = await self._folder.add(
                envelope.original_content or b"",
                sender=envelope.mail_from or "",
                recipients=[str(address) for address in envelope.rcpt_tos],
            )
        except OSError as error:
            return f"452 4.3.1 cannot store the message: {error.strerror}"
        return f"250 2.0.0 Ok: queued as {key}"


def _listener(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise ConfigurationError(f"the mailbox cannot listen on {host} port {port}: {error.strerror}") from error


@asynccontextmanager
async def _smtp_server(folder: MailFolder, listener: socket.socket) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    sessions: set[SMTP] = set()

    def session() -> SMTP:
        sessions.difference_update([other for other in sessions if other.transport is None])
        made = SMTP(_Receiver(folder), hostname="localhost", ident="Ordercue mailbox", enable_SMTPUTF8=True, loop=loop)
        sessions.add(made)
        return made

    server = await loop.create_server(session, sock=listener)
    try:
        yield
    finally:
        server.close()
        for each in sessions:
            if isinstance(each.transport, asyncio.WriteTransport):
                each.transport.abort()
        await server.wait_closed()
