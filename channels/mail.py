"""An e-mail as bytes.

Composed by hand from the standard library's encoders: its EmailMessage encodes a long List-Unsubscribe as words, which
mail clients then do not understand, and takes ten times as long.
"""

import re
from base64 import encodebytes
from binascii import b2a_qp
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime

from email_validator import EmailNotValidError, validate_email

from channels.base import Outgoing
from core.errors import InvalidError

_MAILBOX = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]+)>\s*", re.DOTALL)
_BAD_IN_ADDRESS = re.compile(r"[\s<>,;\x00-\x1f\x7f]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_OWN_HEADERS = frozenset({"from", "to", "subject", "date", "message-id", "mime-version", "bcc", "cc", "sender"})
_LINE_END = re.compile(r"\r\n|\r|\n")
_FOLD = "\r\n"
_LONG = 900
"""Under the 998 octets that RFC 5322 allows a line."""
_NON_ASCII = bytes(range(0x80, 0x100))
_MANY_NON_ASCII = 6
"""Base64 is shorter than quoted-printable once more than one byte in six needs an escape."""


class MailError(InvalidError):
    """The message cannot be put as an e-mail; another try would not help. `field` is the part at fault."""


@dataclass(frozen=True, slots=True)
class Mail:
    """An envelope and its content. The content is 7-bit but for the headers of a mail with `utf8`."""

    sender: str
    recipient: str
    message_id: str
    content: bytes
    """Headers and body in lines that end with CRLF, dots not yet doubled."""
    utf8: bool
    """The server has to know SMTPUTF8."""


def compose(message: Outgoing, *, now: datetime | None = None) -> Mail:
    """Put the message as an e-mail. The Message-ID comes from the message's id alone. Raises MailError."""
    try:
        return _compose(message, now or datetime.now(UTC))
    except UnicodeEncodeError as error:
        raise MailError("the message holds half a character (a lone surrogate)") from error


def split_mailbox(text: str, field: str) -> tuple[str, str]:
    """Name and address of `Name <address>`; the name is empty for a bare address."""
    match = _MAILBOX.fullmatch(text)
    name, address = (match["name"], match["address"]) if match else ("", text)
    return _CONTROL.sub(" ", name).strip().strip('"').replace('\\"', '"'), bare_address(address, field)


def bare_address(text: str, field: str) -> str:
    """The address, its domain as DNS knows it. Raises MailError, which does not repeat the address."""
    address = text.strip()
    local, _, domain = address.rpartition("@")
    if not (local and domain) or _BAD_IN_ADDRESS.search(address):
        raise MailError(f"the {field} is not an e-mail address", field=field)
    return address if domain.isascii() else f"{local}@{ascii_domain(address)}"


def mailbox(name: str, address: str) -> str:
    """A mailbox as a header has it: quoted, or as encoded words, folded when long."""
    if not name:
        return address
    if name.isascii():
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address}>'
    return f"{Header(name, 'utf-8', header_name='From').encode(linesep=_FOLD)} <{address}>"


def own_headers(message: Outgoing) -> dict[str, str]:
    """The message's further headers, each one line. Raises MailError for one that a message may not set."""
    for name in message.headers:
        _check_header(name)
    return {name: _CONTROL.sub(" ", value).strip() for name, value in message.headers.items()}


def ascii_domain(address: str) -> str:
    """The domain of an address as DNS knows it."""
    domain = address.rpartition("@")[2]
    if domain.isascii():
        return domain
    try:
        return validate_email(f"postmaster@{domain}", check_deliverability=False).ascii_domain or domain
    except EmailNotValidError as error:
        raise MailError("the domain of an address is not one", field="address") from error


def _compose(message: Outgoing, now: datetime) -> Mail:
    name, sender = split_mailbox(message.sender, "sender")
    recipient = bare_address(message.address, "address")
    message_id = f"<{message.id}@{ascii_domain(sender)}>"
    headers = [
        f"From: {mailbox(name, sender)}",
        f"To: {recipient}",
        f"Subject: {_words(message.subject, 'Subject')}",
        f"Date: {format_datetime(now)}",
        f"Message-ID: {message_id}",
        *(_header(key, value) for key, value in message.headers.items()),
        "MIME-Version: 1.0",
    ]
    head = "\r\n".join(headers).encode()
    return Mail(sender, recipient, message_id, head + b"\r\n" + _body(message), not (sender + recipient).isascii())


def _words(text: str, name: str) -> str:
    """A header's text: one line of ASCII as it is, anything else as encoded words."""
    line = _CONTROL.sub(" ", text).strip()
    if line.isascii() and "=?" not in line and len(line) < _LONG:
        return line
    return Header(line, "utf-8", header_name=name).encode(linesep=_FOLD)


def _header(name: str, value: str) -> str:
    _check_header(name)
    return f"{name}: {_words(value, name)}"


def _check_header(name: str) -> None:
    if not _HEADER_NAME.fullmatch(name) or name.lower() in _OWN_HEADERS or name.lower().startswith("content-"):
        raise MailError(f"a message may not set the header {name!r}", field="headers")


def _body(message: Outgoing) -> bytes:
    text = _part("plain", message.text)
    if message.html is None:
        return text
    boundary = f"=_{message.id.hex}".encode()  # "=_" stands in neither base64 nor quoted-printable
    return b"\r\n".join(
        (
            b'Content-Type: multipart/alternative;\r\n boundary="' + boundary + b'"',
            b"",
            b"--" + boundary,
            text + b"--" + boundary,
            _part("html", message.html) + b"--" + boundary + b"--",
            b"",
        )
    )


def _part(subtype: str, text: str) -> bytes:
    """Headers and content of one text part, ending with CRLF."""
    data = (_LINE_END.sub("\r\n", text).rstrip("\r\n") + "\r\n").encode()
    escapes = len(data) - len(data.translate(None, _NON_ASCII))
    if escapes * _MANY_NON_ASCII > len(data):
        encoding, content = "base64", encodebytes(data).replace(b"\n", b"\r\n")
    else:
        encoding, content = "quoted-printable", b2a_qp(data, istext=True)
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode() + content
