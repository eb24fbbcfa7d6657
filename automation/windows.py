"""Allowed send time: when a window is open."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from automation.moments import resolve
from automation.schedule import WEEKDAYS, SendWindow, read_clock

_DAY = timedelta(days=1)
_MOST_DAYS = 16
"""A window opens at least once a week; a second week is for days that a zone skips."""


def allowed(window: SendWindow, at: datetime, zone: str) -> datetime:
    """The first moment in UTC, at or after an aware `at`, at which the window is open in the zone."""
    place = ZoneInfo(zone)
    opens, closes = read_clock(window.from_), read_clock(window.to)
    # a window over midnight belongs to the day on which it opens, so yesterday's may be open still
    day = at.astimezone(place).date() - _DAY
    for _ in range(_MOST_DAYS):
        if not window.days or WEEKDAYS[day.weekday()] in window.days:
            opening = resolve(datetime.combine(day, opens), place)
            closing = resolve(datetime.combine(day if closes > opens else day + _DAY, closes), place)
            if at < closing and opening < closing:
                return max(opening, at).astimezone(UTC)
        day += _DAY
    return at.astimezone(UTC)
