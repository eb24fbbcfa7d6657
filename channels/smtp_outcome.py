"""What an SMTP trouble means for the message: never to be tried again, to be tried later, or not to be known."""

import re
from enum import StrEnum

from aiosmtplib import (
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPResponse,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPStatus,
)

from channels.base import Accepted, Later, Outcome, Refused, Unknown
from channels.mail import Mail
from channels.reason import scrub
from channels.smtp_session import SessionError, SessionFault

_LOGIN_CODES = frozenset({530, 534, 535, 538})
"""RFC 4954: the server wants a login, another login, or encryption first. No message is at fault."""
_QUEUE_ID = re.compile(r"(?:queued as |\bid=|^(?:\d\.\d\.\d )?ok:? (?!id=)(?=\S+$))<?([\w.@+/=-]{6,})", re.IGNORECASE)
"""How Postfix, SendGrid, Exim and Amazon SES tell their id of a message."""


class SmtpCode(StrEnum):
    """Codes of outcomes, beside those of SessionFault."""

    BAD_MESSAGE = "bad_message"
    SMTPUTF8_NEEDED = "smtputf8_needed"
    SENDER_REFUSED = "sender_refused"
    RECIPIENT_REFUSED = "recipient_refused"
    CONTENT_REFUSED = "content_refused"
    DEFERRED = "deferred"
    TIMEOUT = "timeout"
    DISCONNECTED = "disconnected"
    PROTOCOL_ERROR = "protocol_error"
    NO_RECEIPT = "no_receipt"


def before_the_dot(error: Exception, address: str) -> Refused | Later:
    """The outcome of an error while the server could not have the message."""
    reason = reason_of(error, address)
    if isinstance(error, SMTPResponseException):
        return _of_refusal(error, reason)
    if isinstance(error, SMTPNotSupported):
        return Refused(SmtpCode.SMTPUTF8_NEEDED, reason)
    if isinstance(error, ValueError):
        return Refused(SmtpCode.BAD_MESSAGE, reason)
    code: SessionFault | SmtpCode
    match error:
        case SessionError():
            code = error.fault
        case TimeoutError():
            code = SmtpCode.TIMEOUT
        case SMTPServerDisconnected() | OSError():
            code = SmtpCode.DISCONNECTED
        case _:
            code = SmtpCode.PROTOCOL_ERROR
    return Later(code, reason)


def after_the_dot(error: Exception, address: str) -> Unknown:
    """The outcome of an error once the final dot may have reached the server."""
    return Unknown(SmtpCode.NO_RECEIPT, reason_of(error, address))


def of_receipt(reply: SMTPResponse, mail: Mail, address: str) -> Outcome:
    """The outcome of the server's answer to the final dot."""
    error = SMTPResponseException(reply.code, reply.message)
    match reply.code // 100:
        case 2:
            queued = _QUEUE_ID.search(reply.message)
            return Accepted(queued[1] if queued else mail.message_id)
        case 4 | 5:
            return _of_refusal(error, reason_of(error, address))
        case _:
            return Unknown(SmtpCode.PROTOCOL_ERROR, reason_of(error, address))


def reason_of(error: Exception, address: str) -> str:
    """The server's words, or ours, without personal data."""
    if isinstance(error, SMTPResponseException):
        return scrub(f"{error.code} {error.message}", address)
    return scrub(str(error), address) or ("no answer in time" if isinstance(error, TimeoutError) else "connection lost")


def _of_refusal(error: SMTPResponseException, reason: str) -> Refused | Later:
    if error.code in _LOGIN_CODES:
        return Later(SessionFault.AUTH_FAILED, reason)
    if error.code == SMTPStatus.domain_unavailable:
        return Later(SessionFault.SERVER_BUSY, reason)
    match error.code // 100:
        case 4:
            return Later(SmtpCode.DEFERRED, reason)
        case 5:
            return Refused(_REFUSED.get(type(error), SmtpCode.CONTENT_REFUSED), reason)
        case _:
            return Later(SmtpCode.PROTOCOL_ERROR, reason)


_REFUSED: dict[type[SMTPResponseException], SmtpCode] = {
    SMTPSenderRefused: SmtpCode.SENDER_REFUSED,
    SMTPRecipientRefused: SmtpCode.RECIPIENT_REFUSED,
}
