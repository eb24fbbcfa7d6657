"""Moments: reading ISO 8601, and wall-clock time in a zone, gaps and overlaps included."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from automation.durations import Duration
from core.zones import known_zone

_NOTHING = timedelta()
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def clock_of(zone: str | None, account_zone: str) -> str:
    """The zone whose clock a contact lives by: their own, else the account's."""
    return zone if zone and known_zone(zone) else account_zone


def read_moment(value: object) -> datetime | date | None:
    """A datetime, or a date when there is no time of day; None when the value is neither.

    Text has to begin with `2026-01-31`. A datetime without offset stays naive: the caller knows the zone.
    """
    if isinstance(value, str):
        if not _DATE.match(value):
            return None
        try:
            return date.fromisoformat(value) if len(value) == len("2026-01-31") else datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) else None


def instant(value: datetime | date, zone: ZoneInfo) -> datetime:
    """The moment in UTC; a date is its first moment in the zone, a naive datetime is wall-clock time there."""
    if not isinstance(value, datetime):
        return resolve(datetime.combine(value, time()), zone)
    return resolve(value, zone) if value.tzinfo is None else value.astimezone(UTC)


def resolve(wall: datetime, zone: ZoneInfo) -> datetime:
    """The UTC moment at which the clocks of the zone show the naive `wall`.

    A time that the clocks skip means the next valid instant, one that they show twice means the first.
    """
    before = wall.replace(tzinfo=zone, fold=0).utcoffset() or _NOTHING
    after = wall.replace(tzinfo=zone, fold=1).utcoffset() or _NOTHING
    if after <= before:
        return (wall - before).replace(tzinfo=UTC, fold=0)
    return _end_of_gap((wall - after).replace(tzinfo=UTC), (wall - before).replace(tzinfo=UTC), zone)


def _end_of_gap(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The first moment at which the offset of `high` applies; `low` is before that change, whole seconds apart."""
    offset = high.astimezone(zone).utcoffset()
    behind, ahead = 0, int((high - low).total_seconds())
    while ahead - behind > 1:
        middle = (behind + ahead) // 2
        if (low + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
            ahead = middle
        else:
            behind = middle
    return (low + timedelta(seconds=ahead)).replace(microsecond=0)


def add(moment: datetime, duration: Duration, zone: ZoneInfo) -> datetime:
    """The moment in UTC after (or before) a duration: months and days on the calendar of the zone, then seconds.

    A day that its month does not have is the last of the month. Raises OverflowError outside years 1 to 9999.
    """
    if not (duration.months or duration.days):
        return moment.astimezone(UTC) + timedelta(seconds=duration.seconds)
    wall = moment.astimezone(zone).replace(tzinfo=None, fold=0)
    if not duration.seconds:
        return resolve(duration.after(wall), zone)
    return resolve(Duration(duration.months, duration.days).after(wall), zone) + timedelta(seconds=duration.seconds)
