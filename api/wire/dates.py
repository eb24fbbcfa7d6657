"""Instants of the wire: ISO 8601 to datetime in UTC."""

import re
from datetime import UTC, datetime, tzinfo

from pydantic_core import PydanticCustomError

FIRST_YEAR = 1970
LAST_YEAR = 2199

_SHAPE = re.compile(r"\d{4}-\d\d-\d\d(?:[Tt ][\d:.,+Zz-]+)?|\d{8}(?:[Tt][\d:.,+Zz-]+)?|\d{4}-?W\d\d(?:-?\d)?", re.ASCII)


def read_moment(value: object) -> datetime:
    """The datetime of an ISO 8601 text, naive when it has no offset.

    Any number of digits of a second is understood and those after the sixth are cut off. A date alone is its midnight;
    a space may stand for the `T`. Years 1970 to 2199. Raises PydanticCustomError of type invalid_date.
    """
    if not isinstance(value, str) or not _SHAPE.fullmatch(text := value.strip()):
        raise _no_date()
    try:
        moment = datetime.fromisoformat(f"{text[:-1]}Z" if text[-1] == "z" else text)
    except ValueError:
        raise _no_date() from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise PydanticCustomError("invalid_date", f"must lie between the years {FIRST_YEAR} and {LAST_YEAR}.")
    return moment


def in_utc(moment: datetime, zone: tzinfo) -> datetime:
    """The same instant in UTC; a naive moment is the wall clock of `zone`.

    A wall-clock time that exists twice means the first; one that a change of the clocks leaves out is read with the
    offset from before the change.
    """
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def _no_date() -> PydanticCustomError:
    return PydanticCustomError("invalid_date", "must be ISO 8601, for example 2026-05-14T10:11:10+03:00.")
