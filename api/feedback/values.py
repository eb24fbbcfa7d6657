"""Values out of what strangers send: read or left out, never an error."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

# Any: JSON of a stranger

_LONGEST_CODE = 60
_LONGEST_ID = 300
_LONGEST_URL = 2300
"""Characters; a link of ours has room in it."""
_ADDRESS = re.compile(r"\S*@\S*|\+?\d[\d ()-]{6,}\d")
_FIRST_YEAR = 2000
_NOT_PLAIN = re.compile(r"[^\w .:/()-]+")


def section(document: Any, name: str) -> Mapping[str, Any]:
    """An object within an object; an empty one when there is none."""
    found = document.get(name) if isinstance(document, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def code_of(*values: object) -> str | None:
    """A short word for a reason, out of several. Addresses and phone numbers are taken out of it."""
    text = " ".join(str(value) for value in values if isinstance(value, str | int) and value != "")
    text = _NOT_PLAIN.sub(" ", _ADDRESS.sub("", text))
    return " ".join(text.split())[:_LONGEST_CODE].strip() or None


def id_of(value: object) -> str | None:
    """An id of a stranger as text that can be stored."""
    text = _storable(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text[:_LONGEST_ID] or None


def url_of(value: object) -> str | None:
    """Where a click led."""
    return _storable(value)[:_LONGEST_URL] if isinstance(value, str) and value else None


def uuid_of(value: object) -> UUID | None:
    """Our id of a message."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def moment_of(value: object, now: datetime) -> datetime:
    """ISO 8601, or seconds since 1970; now, when it is neither or not yet."""
    try:
        if isinstance(value, int | float | Decimal) or (isinstance(value, str) and value.isdecimal()):
            found = datetime.fromtimestamp(float(value), UTC)
        else:
            found = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        return now
    return min(found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC), now) if found.year > _FIRST_YEAR else now


def _storable(text: str) -> str:
    """Without what PostgreSQL and UTF-8 cannot hold."""
    return text.replace("\0", "").encode(errors="replace").decode()
