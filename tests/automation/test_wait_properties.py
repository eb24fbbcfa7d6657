"""Waits against `zoneinfo`, in all zones, around both changes of the clocks, at month ends and leap days."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.action_steps import WaitStep
from automation.moments import resolve
from automation.schedule import WEEKDAYS, SendWindow
from automation.waits import due
from automation.windows import allowed

ZONES = sorted(available_timezones())
HOUR = timedelta(hours=1)
bounded = settings(max_examples=300, derandomize=True, deadline=None)


def _changes(zone: str, year: int) -> list[datetime]:
    """The hours, in UTC, in which the offset of a zone changes, in a year."""
    place, found = ZoneInfo(zone), []
    for day in range(366):
        moment = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=day)
        if _offset(moment, place) != _offset(moment + timedelta(days=1), place):
            hours = [moment + HOUR * hour for hour in range(24)]
            found += [hour for hour in hours if _offset(hour, place) != _offset(hour + HOUR, place)]
    return found


def _offset(moment: datetime, place: ZoneInfo) -> timedelta | None:
    return moment.astimezone(place).utcoffset()


FIRST, LAST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (1975, 2037))
MOMENTS = st.integers(FIRST, LAST).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))


def _shows(moment: datetime, wall: datetime, zone: str) -> bool:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall


def _is_resolution(moment: datetime, wall: datetime, zone: str) -> None:
    """Asked of zoneinfo alone: the first moment that shows the wall time, else the next valid one."""
    place = ZoneInfo(zone)
    shown = moment.astimezone(place).replace(tzinfo=None)
    if shown == wall:
        # no earlier moment of the last day shows the same
        candidates = {(wall - offset).replace(tzinfo=UTC) for offset in _offsets(place, moment)}
        assert not [each for each in candidates if each < moment and _shows(each, wall, zone)]
    else:
        assert shown > wall
        # nothing shows the wall time, and one second earlier the clocks were before it
        assert not [o for o in _offsets(place, moment) if _shows((wall - o).replace(tzinfo=UTC), wall, zone)]
        assert (moment - timedelta(seconds=1)).astimezone(place).replace(tzinfo=None) < wall


def _offsets(place: ZoneInfo, moment: datetime) -> set[timedelta]:
    return {(moment + timedelta(hours=shift)).astimezone(place).utcoffset() for shift in range(-30, 31, 6)}


@pytest.mark.parametrize("year", [2011, 2026])
def test_every_change_of_the_clocks_of_a_year_in_every_zone(year):
    changed = 0
    for zone in ZONES:
        place = ZoneInfo(zone)
        for change in _changes(zone, year):
            changed += 1
            for minutes in (-61, -30, 0, 15, 30, 59, 60, 61, 90):
                wall = change.astimezone(place).replace(tzinfo=None, fold=0) + timedelta(minutes=minutes)
                _is_resolution(resolve(wall, place), wall, zone)
    assert changed > 300


@bounded
@given(st.sampled_from(ZONES), MOMENTS)
def test_any_wall_time_in_any_zone_is_the_first_that_is_shown_or_the_next_valid_instant(zone, moment):
    wall = moment.replace(tzinfo=None)
    _is_resolution(resolve(wall, ZoneInfo(zone)), wall, zone)


def _due(start, zone, **wait):
    step = WaitStep.model_validate({"id": "w", "zone": zone, **wait})
    return due(step, start, contact_zone=None, account_zone="UTC", facts={}).at


@bounded
@given(MOMENTS, st.sampled_from(ZONES), st.integers(1, 1000))
def test_days_keep_the_wall_clock_and_hours_keep_the_length(start, zone, count):
    place = ZoneInfo(zone)
    wall = start.astimezone(place).replace(tzinfo=None, fold=0) + timedelta(days=count)
    _is_resolution(_due(start, zone, **{"for": f"{count}d"}), wall, zone)
    assert _due(start, zone, **{"for": f"{count}h"}) - start == timedelta(hours=count)


@bounded
@given(MOMENTS, st.integers(1, 60), st.sampled_from(ZONES))
def test_months_keep_the_day_or_end_with_the_month(start, months, zone):
    wall = start.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    shown = _due(start, zone, **{"for": f"{months}mo"}).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    expected_month = (wall.year * 12 + wall.month - 1 + months) % 12 + 1
    if shown.day == wall.day:
        assert shown.month == expected_month
    else:
        next_day = shown.date() + timedelta(days=1)
        skipped = resolve(datetime.combine(shown.date(), time()), ZoneInfo(zone)) >= _due(
            start, zone, **{"for": f"{months}mo"}
        )
        assert next_day.day == 1 or skipped


@bounded
@given(MOMENTS, st.sampled_from(ZONES), CLOCKS, st.sets(st.sampled_from(WEEKDAYS), max_size=6))
def test_it_is_the_first_moment_that_satisfies_the_rest(start, zone, clock, not_on):
    place = ZoneInfo(zone)
    found = _due(start, zone, **{"for": "1h", "at": f"{clock:%H:%M}", "not_on": sorted(not_on)})
    begin = start + HOUR
    assert begin <= found
    first = begin.astimezone(place).date()
    candidates = [_nominal(first + timedelta(days=n), clock, place) for n in range(12)]
    fitting = [
        moment for day, moment in candidates if moment and moment >= begin and WEEKDAYS[day.weekday()] not in not_on
    ]
    assert found == fitting[0]


def _nominal(day: date, clock: time, place: ZoneInfo) -> tuple[date, datetime | None]:
    """The moment of a clock time on a day; None on a day that the zone does not have."""
    exists = resolve(datetime.combine(day, time()), place).astimezone(place).date() == day
    return day, resolve(datetime.combine(day, clock), place) if exists else None


@bounded
@given(MOMENTS, st.sampled_from(ZONES), st.sets(st.sampled_from(WEEKDAYS), min_size=1, max_size=6))
def test_without_a_clock_time_a_forbidden_day_ends_at_midnight(start, zone, not_on):
    place = ZoneInfo(zone)
    found = _due(start, zone, **{"for": "1h", "not_on": sorted(not_on)})
    shown = found.astimezone(place)
    assert WEEKDAYS[shown.weekday()] not in not_on
    if found != start + HOUR:
        assert found == resolve(datetime.combine(shown.date(), time()), place)
        before = (found - timedelta(seconds=1)).astimezone(place)
        assert WEEKDAYS[before.weekday()] in not_on


@bounded
@given(MOMENTS, st.sampled_from(ZONES), CLOCKS, CLOCKS, st.sets(st.sampled_from(WEEKDAYS)))
def test_a_window_is_open_at_the_moment_found_and_closed_until_then(at, zone, opens, closes, days):
    if opens == closes:
        return
    place = ZoneInfo(zone)
    window = SendWindow.model_validate({"from": f"{opens:%H:%M}", "to": f"{closes:%H:%M}", "days": sorted(days)})
    found = allowed(window, at, zone)
    assert at <= found < at + timedelta(days=16)
    assert _open(found, opens, closes, days, place)
    step = max((found - at) / 40, timedelta(seconds=1))
    moment = at
    while moment < found:
        assert not _open(moment, opens, closes, days, place)
        moment += step


def _open(moment: datetime, opens: time, closes: time, days: set[str], place: ZoneInfo) -> bool:
    day = moment.astimezone(place).date()
    for first in (day - timedelta(days=1), day):
        if days and WEEKDAYS[first.weekday()] not in days:
            continue
        last = first if closes > opens else first + timedelta(days=1)
        if resolve(datetime.combine(first, opens), place) <= moment < resolve(datetime.combine(last, closes), place):
            return True
    return False
