"""Getting a session with an SMTP server: connection, encryption, greeting, login."""

import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from aiosmtplib import SMTP, SMTPConnectResponseError, SMTPException, SMTPHeloError, SMTPResponseException


class SessionFault(StrEnum):
    """Why there is no session. None of these is the fault of a message."""

    UNREACHABLE = "unreachable"
    SERVER_BUSY = "server_busy"
    TLS_FAILED = "tls_failed"
    AUTH_FAILED = "auth_failed"


class SessionError(Exception):
    """The server gave us no session. The text is the server's or the operating system's."""

    def __init__(self, fault: SessionFault, text: str) -> None:
        super().__init__(text)
        self.fault = fault
        self.text = text


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed in, and how."""

    host: str
    port: int
    tls: Literal["none", "starttls", "tls"] = "none"
    username: str | None = None
    password: str = field(default="", repr=False)
    tls_context: ssl.SSLContext | None = None
    local_name: str | None = None
    """What we call ourselves in EHLO; None takes the machine's name."""


async def open_session(server: SmtpServer) -> SMTP:
    """A client that is ready for mail. Raises SessionError. Has no time limit of its own."""
    client = SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.tls == "tls",
        start_tls=False,
        tls_context=server.tls_context,
        local_hostname=server.local_name,
        timeout=None,
    )
    fault = SessionFault.UNREACHABLE
    try:
        await client.connect()
        if server.tls == "starttls":
            fault = SessionFault.TLS_FAILED
            await client.starttls()
        fault = SessionFault.UNREACHABLE
        await _introduce(client)
        if server.username is not None:
            fault = SessionFault.AUTH_FAILED
            await client.login(server.username, server.password)
    except (SMTPException, OSError, ValueError) as error:  # ValueError: a host name that cannot be one
        client.close()
        raise SessionError(_fault(error, fault), _text(error)) from error
    except BaseException:
        client.close()
        raise
    return client


async def _introduce(client: SMTP) -> None:
    """EHLO tells what the server can do; the few that do not know it take HELO."""
    try:
        await client.ehlo()
    except SMTPHeloError:
        if not client.is_connected:
            raise
        await client.helo()


def _fault(error: Exception, fault: SessionFault) -> SessionFault:
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return SessionFault.TLS_FAILED
    if isinstance(error, SMTPConnectResponseError | SMTPHeloError):
        return SessionFault.SERVER_BUSY
    return fault


def _text(error: Exception) -> str:
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {error.message}"
    return str(error.__cause__ or error) or type(error).__name__
