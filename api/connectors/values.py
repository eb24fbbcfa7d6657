"""Values in the payloads of shop platforms. They are JSON of strangers: anything may be of any type or missing."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic_core import PydanticCustomError

from api.wire.dates import in_utc, read_moment
from core.document import OrderStatus

_LIFE = (OrderStatus.INITIALIZED, OrderStatus.IN_PROGRESS, OrderStatus.DELIVERED, OrderStatus.CANCELLED)


def section(payload: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object of this name; an empty one when there is none."""
    value = payload.get(name)
    return value if isinstance(value, dict) else {}


def sections(payload: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects in the array of this name."""
    value = payload.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def first(*values: Any) -> Any:
    """The first that says something."""
    return next((value for value in values if value not in (None, "")), None)


def written(*values: Any) -> str | None:
    """The first that says something, as text."""
    value = first(*values)
    return None if value is None else str(value)


def word(value: Any) -> str:
    """A text of a closed set; empty for anything else."""
    return value if isinstance(value, str) else ""


def address_of(parts: Iterable[Any]) -> str | None:
    """One line of what there is."""
    return ", ".join(str(part).strip() for part in parts if isinstance(part, str) and part.strip()) or None


def moment_of(value: Any) -> datetime | None:
    """An instant in UTC; without an offset it is in UTC. None for what is no date."""
    try:
        return in_utc(read_moment(value), UTC)
    except PydanticCustomError:
        return None


def status_date(moment: datetime | None, status: OrderStatus) -> str | None:
    """The moment, later by a microsecond for each stage of an order's life.

    Platforms tell time in seconds and send what happened in one second in any order: with this, the later stage wins.
    """
    if moment is None:
        return None
    return (moment + timedelta(microseconds=_LIFE.index(status) if status in _LIFE else 0)).isoformat()
