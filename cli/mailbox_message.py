"""What the mailbox tells of a message, read from its file."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from pydantic import BaseModel

_FROM = "Return-Path"
_TO = "Delivered-To"
"""What the envelope said; the first two headers of each file."""


class Summary(BaseModel):
    """A message in the list."""

    id: str
    received_at: datetime
    sender: str
    to: list[str]
    subject: str
    message_id: str
    size: int
    """Bytes."""


class Content(Summary):
    """A message with all that is in it."""

    headers: dict[str, str]
    """A header that stands more than once has its values in lines."""
    text: str | None
    html: str | None


def envelope(sender: str, recipients: list[str]) -> bytes:
    """The lines that a file begins with."""
    return f"{_FROM}: {sender}\r\n{_TO}: {', '.join(recipients)}\r\n".encode("utf-8", "surrogateescape")


def read_summary(key: str, source: bytes, *, size: int) -> Summary:
    """Of a file of `size` bytes whose headers, at least, are in `source`; the key is the nanosecond of its arrival."""
    message = _parse(source.partition(b"\r\n\r\n")[0])
    return Summary(
        id=key,
        received_at=datetime.fromtimestamp(int(key) / 1e9, UTC),
        sender=_header(message, _FROM),
        to=_header(message, _TO).split(", "),
        subject=_header(message, "Subject"),
        message_id=_header(message, "Message-ID"),
        size=size,
    )


def read_content(summary: Summary, source: bytes) -> Content:
    """All that is in a file."""
    message = _parse(source)
    headers: dict[str, str] = {}
    for name in [name for name in message if name not in {_FROM, _TO}]:
        headers.setdefault(name, "\n".join(_headers(message, name)))
    return Content(**summary.model_dump(), headers=headers, text=_body(message, "plain"), html=_body(message, "html"))


def _parse(source: bytes) -> EmailMessage:
    return message_from_bytes(source, policy=policy.default)


def _header(message: EmailMessage, name: str) -> str:
    return next(iter(_headers(message, name)), "")


def _headers(message: EmailMessage, name: str) -> list[str]:
    try:
        return [_clean(str(value)) for value in message.get_all(name, [])]
    except Exception:  # noqa: BLE001  the standard library raises anything on headers that are odd enough
        return ["(not readable)"]


def _body(message: EmailMessage, subtype: str) -> str | None:
    try:
        part = message.get_body((subtype,))
        return None if part is None else _clean(str(part.get_content()))
    except Exception:  # noqa: BLE001  as above, for a structure or a character set that is odd enough
        return "(not readable; see the source)"


def _clean(text: str) -> str:
    """Without halves of characters, which no answer can carry."""
    return text.encode("utf-8", "replace").decode()
