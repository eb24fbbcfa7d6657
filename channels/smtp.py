"""E-mail over SMTP. SMTP knows no idempotency key, so what happened to a message has to be known exactly."""

import asyncio
import socket
import ssl
from dataclasses import dataclass

from aiosmtplib import SMTPException, SMTPResponseException, SMTPServerDisconnected, SMTPStatus

from channels.base import AddressKind, Outcome, Outgoing, Refused
from channels.mail import Mail, MailError, compose
from channels.smtp_connection import Connection
from channels.smtp_outcome import SmtpCode, after_the_dot, before_the_dot, of_receipt
from channels.smtp_pool import Pool
from channels.smtp_session import SessionError, SmtpServer
from core.settings import Settings


@dataclass(frozen=True)
class SmtpChannel:
    """Hands messages to one SMTP server.

    A send takes at most `timeout_seconds` until the final dot, the wait for a free session included, and as much
    again for the answer to the dot.
    """

    pool: Pool
    timeout_seconds: float
    name: str = "email"
    takes_key: bool = False
    address_kind: AddressKind = AddressKind.EMAIL

    async def send(self, message: Outgoing) -> Outcome:
        """Try once. Unknown only if the final dot may have reached the server and no answer came."""
        try:
            mail = compose(message)
        except MailError as error:
            return Refused(SmtpCode.BAD_MESSAGE, str(error))
        try:
            async with asyncio.timeout(self.timeout_seconds):
                connection = await self._hand_over(mail)
        except (SMTPException, SessionError, OSError, ValueError) as error:
            return before_the_dot(error, message.address)
        try:
            async with asyncio.timeout(self.timeout_seconds):
                reply = await connection.receipt()
        except (SMTPException, OSError) as error:
            return after_the_dot(error, message.address)
        finally:
            self.pool.release(connection)
        return of_receipt(reply, mail, message.address)

    async def close(self) -> None:
        """End the sessions."""
        await self.pool.close()

    async def _hand_over(self, mail: Mail) -> Connection:
        """A session that took the whole mail and owes the receipt. One that had died at rest is replaced."""
        while True:
            connection = await self.pool.acquire()
            try:
                await connection.hand_over(mail)
            except BaseException as error:
                died_at_rest = connection.messages > 0 and not connection.content_began and _is_goodbye(error)
                self.pool.release(connection)
                if not died_at_rest:
                    raise
            else:
                return connection


def smtp_channel(settings: Settings) -> SmtpChannel:
    """The channel `email` by the settings `smtp_…`."""
    server = SmtpServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else "",
        tls_context=None if settings.smtp_tls == "none" else ssl.create_default_context(),
        local_name=socket.gethostname(),
    )
    return SmtpChannel(Pool(lambda: Connection.open(server)), timeout_seconds=settings.smtp_timeout_seconds)


def _is_goodbye(error: BaseException) -> bool:
    if isinstance(error, SMTPResponseException):
        return error.code == SMTPStatus.domain_unavailable
    return isinstance(error, SMTPServerDisconnected | ConnectionError)
