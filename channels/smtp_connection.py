"""One SMTP session, driven phase by phase so that it is always known whether the server can have the message.

aiosmtplib speaks the protocol; its own `sendmail` is not used because it does not tell a connection that broke before
the final dot from one that broke after it.
"""

import asyncio
from contextlib import suppress
from typing import Any, cast

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPResponse,
    SMTPServerDisconnected,
    SMTPStatus,
)

from channels.mail import Mail
from channels.smtp_session import SmtpServer, open_session

_DOT = b".\r\n"


class Connection:
    """A session in which one mail after another is handed over.

    `hand_over` raises only while the server cannot have the message; once it returned, only `receipt` can tell.
    """

    def __init__(self, client: SMTP) -> None:
        self._client = client
        transport = cast("asyncio.WriteTransport", client.transport)  # aiosmtplib types it as the base class
        transport.set_write_buffer_limits(high=1, low=0)  # so that `drain` waits until all of it is sent
        self._transport = transport
        self._writer = asyncio.StreamWriter(transport, client.protocol, None, asyncio.get_running_loop())  # type: ignore[arg-type]  # connected, so not None
        self._early_reply: asyncio.Task[SMTPResponse] | None = None
        self._needs_reset = False
        self._in_content = False
        self.messages = 0
        """How many messages went this way before."""

    @classmethod
    async def open(cls, server: SmtpServer) -> "Connection":
        """A connection with a new session. Raises SessionError."""
        return cls(await open_session(server))

    @property
    def is_reusable(self) -> bool:
        """Whether another mail may follow."""
        return self._client.is_connected and not self._in_content

    @property
    def content_began(self) -> bool:
        """Whether any of the content was sent, without a receipt so far."""
        return self._in_content

    async def hand_over(self, mail: Mail) -> None:
        """Send the envelope, the content and the final dot.

        Raises aiosmtplib's errors and OSError, all of which mean that the server has not got the message.
        """
        if self._needs_reset:
            await self._client.rset()
        self._needs_reset = True
        if mail.utf8 and not self._client.supports_extension("smtputf8"):
            raise SMTPNotSupported("the address needs SMTPUTF8, which the server does not speak")
        encoding, options = ("utf-8", ["SMTPUTF8", "BODY=8BITMIME"]) if mail.utf8 else ("ascii", [])
        if self._client.supports_extension("size"):
            options.append(f"SIZE={len(mail.content)}")
        await self._client.mail(mail.sender, options=options, encoding=encoding)
        await self._client.rcpt(mail.recipient, encoding=encoding)
        start = await self._client.execute_command(b"DATA")
        if start.code != SMTPStatus.start_input:
            raise SMTPDataError(start.code, start.message)
        await self._send_content(mail.content)
        self._write(_DOT)

    async def receipt(self) -> SMTPResponse:
        """The answer to the final dot. Raises aiosmtplib's errors and OSError: then it cannot be known."""
        reply = await (self._early_reply or self._read())
        self._early_reply = None
        self._in_content = False
        self._needs_reset = False
        self.messages += 1
        if reply.code == SMTPStatus.domain_unavailable:
            self.dismiss()
        return reply

    def dismiss(self) -> None:
        """Say goodbye without waiting for an answer."""
        if self._early_reply is not None:
            _drop(self._early_reply)
        if self.is_reusable:
            with suppress(SMTPException, OSError):
                self._write(b"QUIT\r\n")
        self._client.close()

    async def _send_content(self, content: bytes) -> None:
        """All but the final dot, until it left this machine. The server may break it off with a reply."""
        self._in_content = True
        self._write(content.replace(b"\r\n.", b"\r\n.."))
        if not self._transport.get_write_buffer_size():
            return
        drained = asyncio.create_task(self._writer.drain())
        self._early_reply = asyncio.create_task(self._read())
        try:
            await asyncio.wait({drained, self._early_reply}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            _drop(drained)
        if self._early_reply.done():
            reply = self._early_reply.result()
            raise SMTPDataError(reply.code, reply.message)
        drained.result()

    def _write(self, data: bytes) -> None:
        if self._client.protocol is None:
            raise SMTPServerDisconnected("connection lost")
        self._client.protocol.write(data)

    async def _read(self) -> SMTPResponse:
        if self._client.protocol is None:
            raise SMTPServerDisconnected("connection lost")
        return await self._client.protocol.read_response()


def _drop(task: asyncio.Task[Any]) -> None:  # Any: whatever it would have returned
    """Nobody will ask for its result any more, nor shall asyncio complain about that."""
    if not task.done():
        task.cancel()
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
