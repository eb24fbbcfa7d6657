"""The clock of a zone as SQL that costs little: PostgreSQL looks up the rules of a named zone for every moment anew."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

BEGIN, END = "CAST(:begins AS timestamptz)", "CAST(:ends AS timestamptz)"
"""In SQL: the first moment of the days asked for, and the first one after them."""
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_LONGEST = timedelta(days=20 * 366)
"""For more days than these the rules are left to PostgreSQL."""
_PERIOD = timedelta(days=33)
"""The longest period, and two days for zones: so long before the first day asked for its period may begin."""


def moments_of(zone: str, since: date, until: date) -> dict[str, datetime]:
    """When these days, both included, begin and end by the zone's clock, as the parameters of BEGIN and END.

    A midnight that the clock has twice is the first of both, as no day begins within itself; PostgreSQL takes the
    other one. A day without a midnight begins when the clock goes on.
    """
    return {"begins": _midnight(zone, since), "ends": _midnight(zone, until + _DAY)}


@lru_cache(maxsize=200)
def local_time(zone: str, since: date, until: date) -> str | None:
    """SQL that turns `date` into the zone's clock, right from the period of `since` up to, and with, `until`.

    None for too many days. Earlier moments are at most some hours wrong, and so never in a period asked for.
    """
    if until - since > _LONGEST or since - date.min < _PERIOD or date.max - until < _PERIOD:
        return None
    first = datetime.combine(since - _PERIOD, time(), UTC)
    changes, last = _changes(ZoneInfo(zone), first, datetime.combine(until + 2 * _DAY, time(), UTC))
    whens = " ".join(f"WHEN date < '{at.isoformat()}' THEN {_shift(before)}" for at, before in changes)
    return f"date AT TIME ZONE CASE {whens} ELSE {_shift(last)} END" if whens else f"date AT TIME ZONE {_shift(last)}"


def _midnight(zone: str, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _changes(zone: ZoneInfo, first: datetime, end: datetime) -> tuple[list[tuple[datetime, timedelta]], timedelta]:
    """When the clock was changed, with its distance from UTC until then, and its distance after the last change."""
    found, moment, distance = [], first, _distance(first, zone)
    while moment < end:
        following = moment + _DAY
        if (after := _distance(following, zone)) != distance:
            low, high = moment, following
            while high - low > _SECOND:
                middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
                low, high = (middle, high) if _distance(middle, zone) == distance else (low, middle)
            found.append((high, distance))
        moment, distance = following, after
    return found, distance


def _distance(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _shift(distance: timedelta) -> str:
    return f"interval '{distance // _SECOND} seconds'"
