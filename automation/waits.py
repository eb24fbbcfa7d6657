"""When a wait is over. Pure: the start is given, the clock is never asked.

- A day is a calendar day in the zone, `24h` are 24 hours. A wall-clock time that a day skips means the next valid
  instant, one that it shows twice means the first.
- `for` or `until` come first; then the first moment at or after that satisfies `at`, `on`, `not_on` and `holidays`.
  Without `at` every moment of an allowed day will do: a day that is passed over ends at midnight.
- The rules of zones and holidays change with their data: compute a moment once, and store it.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from automation.action_steps import WaitStep
from automation.calendars import holidays_of
from automation.durations import MAX_DAYS, Duration
from automation.fields import Facts, getter
from automation.moments import add, instant, read_moment, resolve
from automation.schedule import WEEKDAYS
from automation.steps import WaitForStep
from core.zones import known_zone

_DAY = timedelta(days=1)
_MIDNIGHT = time()
_MOST_DAYS = 400
"""Days looked at for one that is allowed; when more than a year has none, none is to be expected."""
_MOST_NOTES = 5


@dataclass(frozen=True, slots=True)
class Due:
    """The moment in UTC, and what moved it there."""

    at: datetime
    notes: tuple[str, ...] = ()


def due(
    wait: WaitStep | WaitForStep,
    start: datetime,
    *,
    contact_zone: str | None,
    account_zone: str,
    facts: Facts,
    account_country: str | None = None,
) -> Due:
    """The end of a wait (or the timeout of wait_for) that begins at an aware `start`; never before it.

    A `contact_zone` that is missing or unknown gives way to the account's. `account_country` is what
    `holidays: account` means; None is a country without holidays.
    """
    notes: list[str] = []
    zone = _zone(wait.zone, contact_zone, account_zone, notes)
    if isinstance(wait, WaitForStep):
        return Due(add(start, wait.timeout, zone), tuple(notes))
    begin = max(_begin(wait, start, zone, facts, notes), start.astimezone(UTC))
    country = account_country if wait.holidays == "account" else wait.holidays
    if wait.clock is None and country is None and all(wait.days):
        return Due(begin, tuple(notes))
    return Due(_first_allowed(wait, begin, zone, country, notes), tuple(notes))


def latest(not_after: Duration, due_at: datetime, zone: str) -> datetime:
    """The last moment, in UTC, at which a message that was due then may still be sent."""
    return add(due_at, not_after, ZoneInfo(zone))


def _zone(wanted: str, contact_zone: str | None, account_zone: str, notes: list[str]) -> ZoneInfo:
    if wanted == "contact" and contact_zone:
        if known_zone(contact_zone):
            return ZoneInfo(contact_zone)
        notes.append(f"the contact's time zone {contact_zone[:50]!r} is not known; {account_zone} is used")
    return ZoneInfo(account_zone if wanted in ("contact", "account") else wanted)


def _begin(wait: WaitStep, start: datetime, zone: ZoneInfo, facts: Facts, notes: list[str]) -> datetime:
    """The end of `for` or `until`, in UTC; perhaps before the start."""
    if wait.for_ is not None:
        return add(start, wait.for_, zone)
    if wait.until is None:
        return start.astimezone(UTC)
    value = read_moment(getter(wait.until)(facts))
    if value is None:
        notes.append(f"{wait.until} holds no date, so there is nothing to wait for")
        return start.astimezone(UTC)
    last = start.astimezone(UTC) + timedelta(days=MAX_DAYS)
    try:
        moment = instant(value, zone)
        moment = add(moment, wait.offset, zone) if wait.offset else moment
    except OverflowError:
        moment = last + _DAY if value.year > start.year else start.astimezone(UTC) - _DAY
    if moment < start:
        notes.append(f"{wait.until} is past, so there is nothing to wait for")
    elif moment > last:
        notes.append(f"{wait.until} is more than 5 years away; the wait ends after 5 years")
    return min(moment, last)


def _first_allowed(wait: WaitStep, begin: datetime, zone: ZoneInfo, country: str | None, notes: list[str]) -> datetime:
    first = day = begin.astimezone(zone).date()
    clock = wait.clock
    passed: list[str] = []
    for _ in range(_MOST_DAYS):
        why = _forbidden(wait, day, country)
        if why:
            passed.append(f"{day} ({why})")
        elif clock is None and day == first:
            return begin
        else:
            moment = resolve(datetime.combine(day, clock or _MIDNIGHT), zone)
            if moment >= begin:
                shown = moment.astimezone(zone)
                if shown.date() == day or _has_day(zone, day):
                    notes.extend(_moves(wait, passed, shown))
                    return moment
        day += _DAY
    notes.append(f"no day of the next {_MOST_DAYS} is allowed, so the days are not looked at")
    return begin


def _forbidden(wait: WaitStep, day: date, country: str | None) -> str:
    """Why a day is passed over; empty when it is not."""
    if not wait.days[day.weekday()]:
        return WEEKDAYS[day.weekday()]
    return holidays_of(country, day.year).get(day, "") if country is not None else ""


def _has_day(zone: ZoneInfo, day: date) -> bool:
    """Whether the zone has the day: Samoa had no 30 December 2011."""
    return instant(day, zone).astimezone(zone).date() == day


def _moves(wait: WaitStep, passed: list[str], shown: datetime) -> list[str]:
    """What there is to tell of a moment, given on the clocks of its zone."""
    notes: list[str] = []
    if passed:
        more = f" and {len(passed) - _MOST_NOTES} more" if len(passed) > _MOST_NOTES else ""
        notes.append(f"passed over {', '.join(passed[:_MOST_NOTES])}{more}")
    if wait.clock is not None and shown.time() != wait.clock:
        place = shown.tzinfo
        notes.append(f"{wait.at} does not exist on {shown:%Y-%m-%d} in {place}; the next moment is {shown:%H:%M}")
    return notes
