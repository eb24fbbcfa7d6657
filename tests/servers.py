"""The real servers that tests run on, and how one test is kept apart from the next."""

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
from aiosmtpd.smtp import SMTP, Envelope, Session
from google.protobuf.duration_pb2 import Duration
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client

from cli.embedded import EmbeddedPostgres, EmbeddedTemporal
from core.settings import Settings
from core.temporal import register_search_attributes
from store.schema import upgrade

_TEMPLATE = "template_of_tests"
_IN_MEMORY = Path("/dev/shm")
_ENOUGH = 2 << 30
"""Bytes: what several test processes fill at most, several times over."""


@cache
def folder_in_memory() -> Path | None:
    """A folder whose files are kept in memory, where the machine has one with space."""
    there = os.access(_IN_MEMORY, os.W_OK) and shutil.disk_usage(_IN_MEMORY).free > _ENOUGH
    return _IN_MEMORY if there else None


class Databases:
    """Fresh databases with the current schema, each a copy of one migrated template of 300 files (20 ms in memory)."""

    def __init__(self, postgres: EmbeddedPostgres, *, in_memory: bool = False) -> None:
        self._postgres = postgres
        self._copy = "FILE_COPY" if in_memory else "WAL_LOG"  # twice as fast as the other, on a disk half as fast

    async def prepare(self) -> None:
        """Make the template."""
        await upgrade(await self._postgres.database(_TEMPLATE))

    @asynccontextmanager
    async def fresh(self) -> AsyncIterator[str]:
        """URL of a database that lives as long as the block; connections left open do not hold it."""
        name = f"test_{uuid.uuid4().hex}"
        await self._run(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY {self._copy}")
        try:
            yield self._postgres.url(name)
        finally:
            await self._run(f"DROP DATABASE {name} WITH (FORCE)")

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self._postgres.url("postgres").replace("+asyncpg", ""))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


async def fresh_namespace(server: EmbeddedTemporal) -> Client:
    """A client in a namespace of its own (5 ms), because the names of our task queues are fixed."""
    name = f"test-{uuid.uuid4().hex}"
    client = await server.connect(name)
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=Duration(seconds=24 * 3600))
    )
    await register_search_attributes(client)
    return client


def settings_on(
    database_url: str, temporal: EmbeddedTemporal, client: Client, smtp: "SmtpServer", **more: Any
) -> Settings:
    """The product on these servers, in the client's namespace; small pools, because tests share one PostgreSQL."""
    return Settings(
        database_url=database_url,
        database_pool_size=5,
        temporal_address=temporal.address,
        temporal_namespace=client.namespace,
        smtp_host=smtp.host,
        smtp_port=smtp.port,
        smtp_timeout_seconds=20.0,
        worker_sandbox=True,
        **more,
    )


class Trouble(StrEnum):
    """What can go wrong at the far end of SMTP."""

    REFUSE = "refuse"
    """550 for the recipient: definitely not accepted, no use in trying again."""
    LATER = "later"
    """451 for the recipient: definitely not accepted, another try may help."""
    DROP_BEFORE_DATA = "drop_before_data"
    """The connection ends before any content: definitely not accepted."""
    DROP_AFTER_DATA = "drop_after_data"
    """The message is taken, the connection ends before the answer: the client cannot know."""
    HANG = "hang"
    """The message is taken, the answer never comes: the client cannot know."""


class SmtpServer:
    """A real SMTP server that keeps what it accepts and fails on demand."""

    def __init__(self) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self.messages: list[EmailMessage] = []
        self.attempts = 0
        """How often a client named a recipient."""
        self._troubles: list[Trouble] = []
        self._always: Trouble | None = None
        self._arrived = asyncio.Condition()

    def fail(self, trouble: Trouble | None, *, times: int | None = None) -> None:
        """Fail the next `times` messages, or all from now on; None works again."""
        self._troubles = [trouble] * times if trouble and times else []
        self._always = None if times else trouble

    def sent_to(self, address: str) -> list[EmailMessage]:
        """The messages that one address received."""
        return [message for message in self.messages if message["X-Envelope-To"] == address]

    async def wait_for(self, count: int, *, seconds: float = 60.0) -> list[EmailMessage]:
        """All messages, once there are at least `count`. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self._arrived:
            await self._arrived.wait_for(lambda: len(self.messages) >= count)
        return self.messages

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen on a free port, in the loop of the test."""
        loop = asyncio.get_running_loop()
        sessions: list[SMTP] = []

        def session() -> SMTP:
            sessions.append(SMTP(self, hostname="mail.test", loop=loop, enable_SMTPUTF8=True))
            return sessions[-1]

        async with AsyncExitStack() as exits:
            server = await loop.create_server(session, self.host, self.port)
            self.port = server.sockets[0].getsockname()[1]
            exits.push_async_callback(server.wait_closed)
            exits.callback(server.close)
            try:
                yield
            finally:
                for each in sessions:
                    _hang_up(each)

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.attempts += 1
        match self._next_of(Trouble.REFUSE, Trouble.LATER, Trouble.DROP_BEFORE_DATA):
            case Trouble.REFUSE:
                return "550 5.1.1 no such mailbox"
            case Trouble.LATER:
                return "451 4.3.0 try again later"
            case Trouble.DROP_BEFORE_DATA:
                return _hang_up(server)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        content = envelope.original_content or b""
        message = message_from_bytes(content.replace(b"\r\n", b"\n"), policy=policy.default)
        message["X-Envelope-From"] = envelope.mail_from
        message["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
        async with self._arrived:
            self.messages.append(message)
            self._arrived.notify_all()
        match self._next_of(Trouble.HANG, Trouble.DROP_AFTER_DATA):
            case Trouble.HANG:
                await asyncio.Event().wait()
            case Trouble.DROP_AFTER_DATA:
                return _hang_up(server)
        return "250 OK"

    def _next_of(self, *kinds: Trouble) -> Trouble | None:
        """The next trouble, if its place is here."""
        planned = self._troubles[0] if self._troubles else self._always
        if planned not in kinds:
            return None
        if self._troubles:
            self._troubles.pop(0)
        return planned


def _hang_up(server: SMTP) -> str:
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()
    return ""
