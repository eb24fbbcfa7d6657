"""Places in lists, ids and days in addresses."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from core.errors import NotFoundError


def id_of(kind: str, text: str) -> UUID:
    """An id of an address. Raises NotFoundError for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFoundError(kind, text) from None


def before(cursor: str | None) -> UUID | None:
    """Where the page begins; what is no cursor of ours begins at the beginning."""
    try:
        return UUID(cursor) if cursor else None
    except ValueError:
        return None


def whole_number(text: str | None) -> int | None:
    """A number of an address, as PostgreSQL's integer holds it; what is none is no restriction."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004 - digits


def day_of(text: str | None) -> date | None:
    """A day of an address; what is no day is no restriction."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 2000 <= found.year < 2100 else None  # noqa: PLR2004 - what PostgreSQL and people take for a year


def days_of(query: Mapping[str, str], zone: ZoneInfo, *, usual: timedelta) -> tuple[date, date]:
    """The first and the last day of an address; what it leaves open: up to today, and so long before that."""
    until = day_of(query.get("to_date")) or datetime.now(UTC).astimezone(zone).date()
    return min(day_of(query.get("from_date")) or until - usual, until), until


def begins(day: date | None, zone: ZoneInfo, *, days: int = 0) -> datetime | None:
    """When the day, or the one so many days later, begins in the account's zone."""
    if day is None:
        return None
    found = day + timedelta(days=days)
    return datetime(found.year, found.month, found.day, tzinfo=zone).astimezone(UTC)
