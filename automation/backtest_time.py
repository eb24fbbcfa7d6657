"""Due moments of many runs: the same day in the same zone is worked out once."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from automation.action_steps import SendStep, WaitStep
from automation.fields import Facts
from automation.moments import clock_of, instant
from automation.schedule import SendWindow
from automation.steps import WaitForStep
from automation.waits import due, latest
from automation.windows import allowed
from core.zones import known_zone

_DAY = timedelta(days=1)
_MOST_KEPT = 100_000
_Key = tuple[str, str, date, bool]


class Planned(NamedTuple):
    """When a wait ends, why then, and when it would have without holidays."""

    at: datetime
    notes: tuple[str, ...] = ()
    without_holidays: datetime | None = None
    """None when no holiday moved it."""


class Account(NamedTuple):
    """What the account says about time."""

    zone: str = "UTC"
    window: SendWindow | None = None
    """Allowed send time; None is any."""
    country: str | None = None
    """What `holidays: account` means."""


def account_of(*, zone: str, window: str | None, country: str | None) -> Account:
    """From settings, in which a window is written as `09:00-21:00`."""
    opens, _, closes = (window or "").partition("-")
    allowed_time = SendWindow.model_validate({"from": opens, "to": closes}) if window else None
    return Account(zone=zone, window=allowed_time, country=country)


class Planner:
    """Exactly `waits.due`, remembered where it depends on nothing but zone and day."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._known: dict[_Key, Planned] = {}

    def plan(self, wait: WaitStep | WaitForStep, start: datetime, zone: str | None, facts: Facts) -> Planned:
        """The end of a wait that begins at `start` for a contact in `zone`."""
        key = self._key(wait, start, zone)
        if key is None:
            return self._due(wait, start, zone, facts)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            found = self._known[key] = self._due(wait, start, zone, facts)
        return found

    def window(self, step: SendStep, at: datetime, zone: str | None) -> datetime:
        """The first moment at or after `at` when the step may send."""
        window = step.window if isinstance(step.window, SendWindow) else None
        if step.window == "account" and not step.obligatory:
            window = self._account.window
        if window is None:
            return at
        return allowed(window, at, clock_of(zone, self._account.zone))

    def is_late(self, step: SendStep, due_at: datetime, at: datetime, zone: str | None) -> bool:
        """Whether the step may send no more of what was due then."""
        if step.not_after is None or at <= due_at:
            return False
        return at > latest(step.not_after, due_at, clock_of(zone, self._account.zone))

    def _due(self, wait: WaitStep | WaitForStep, start: datetime, zone: str | None, facts: Facts) -> Planned:
        def ask(step: WaitStep | WaitForStep) -> tuple[datetime, tuple[str, ...]]:
            found = due(
                step,
                start,
                contact_zone=zone,
                account_zone=self._account.zone,
                facts=facts,
                account_country=self._account.country,
            )
            return found.at, found.notes

        at, notes = ask(wait)
        if not isinstance(wait, WaitStep) or wait.holidays is None:
            return Planned(at, notes)
        plain, _ = ask(wait.model_copy(update={"holidays": None}))
        return Planned(at, notes, plain if plain != at else None)

    def _key(self, wait: WaitStep | WaitForStep, start: datetime, contact_zone: str | None) -> _Key | None:
        """What a due moment depends on: with `at` and whole days only zone, day, and whether the clock is past `at`.

        None when it depends on more: on the hour, on a field, or on a day when the clocks change.
        """
        if not isinstance(wait, WaitStep) or wait.clock is None or wait.until is not None:
            return None
        length = wait.for_
        if length is not None and (length.months or length.seconds):
            return None
        zone = contact_zone or "" if wait.zone == "contact" else wait.zone
        place = self._place(zone)
        wall = start.astimezone(place)
        first = wall.date() + timedelta(days=length.days if length is not None else 0)
        if not _is_regular(first, place):
            return None
        return wait.id, zone, first, wall.time() <= wait.clock

    def _place(self, zone: str) -> ZoneInfo:
        known = zone not in ("", "account") and known_zone(zone)
        return ZoneInfo(zone if known else self._account.zone)


@lru_cache(maxsize=10_000)
def _is_regular(day: date, zone: ZoneInfo) -> bool:
    """Whether the day has 24 hours that the clocks show one after the other, and so have its neighbours."""
    edges = [instant(day + _DAY * n, zone) for n in (-1, 0, 1, 2)]
    offsets = {edge.astimezone(zone).utcoffset() for edge in edges}
    return len(offsets) == 1 and edges[3] - edges[0] == 3 * _DAY
