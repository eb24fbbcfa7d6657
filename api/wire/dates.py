"""Instants of the wire: ISO 8601 to datetime in UTC."""

import re
from datetime import UTC, datetime, tzinfo

from pydantic_core import PydanticCustomError

FIRST_YEAR = 1970
LAST_YEAR = 2199

_SHAPE = re.compile(r"\d{4}-?\d\d-?\d\d(?:[Tt ]\d\d.*)?", re.ASCII)
_REMEDY = "must be ISO 8601, for example 2026-05-14T10:11:10+03:00"


def read_moment(value: object) -> datetime:
    """The datetime of an ISO 8601 text, naive when it has no offset; digits after the sixth of a second are cut off.

    A date alone is its midnight. Raises PydanticCustomError with the type invalid_date.
    """
    if isinstance(value, str) and _SHAPE.match(text := value.strip()):
        try:
            moment = datetime.fromisoformat(text.upper())
        except ValueError:
            raise PydanticCustomError("invalid_date", _REMEDY) from None
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise PydanticCustomError("invalid_date", f"must lie between {FIRST_YEAR} and {LAST_YEAR}")
        return moment
    raise PydanticCustomError("invalid_date", _REMEDY)


def in_utc(moment: datetime, zone: tzinfo) -> datetime:
    """The same instant in UTC; a naive moment is the wall clock of `zone`."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)
