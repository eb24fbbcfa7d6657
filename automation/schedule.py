"""When, as an author writes it: times of day, weekdays, zones, holidays, windows of allowed time."""

import re
from datetime import time
from typing import Annotated, Literal, Self

from holidays import country_holidays
from holidays.registry import EntityLoader
from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from automation.part import AUTHORED, Part
from automation.problems import did_you_mean
from core.zones import known_zone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG = dict(zip(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), WEEKDAYS, strict=True))
_COUNTRIES = frozenset(EntityLoader.get_country_codes())
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")


def _clock(text: str) -> str:
    if not _CLOCK.fullmatch(text):
        raise ValueError(f"{text!r} is not a time of day; write 09:00 or 21:30")
    return text


def _closing(text: str) -> str:
    return text if text == "24:00" else _clock(text)


def _weekday(name: object) -> object:
    if not isinstance(name, str):
        raise PydanticCustomError("weekday", "a weekday is text, such as mon")
    short = _LONG.get(name.lower(), name.lower())
    if short not in WEEKDAYS:
        raise ValueError(f"unknown weekday {name!r}: {did_you_mean(name, WEEKDAYS)}")
    return short


def _zone(name: str) -> str:
    if name in ("contact", "account") or known_zone(name):
        return name
    raise ValueError(f"unknown zone {name!r}; write contact, account or an IANA name such as Europe/Kyiv")


def _account_zone(name: str) -> str:
    if name == "contact":
        raise ValueError("a schedule starts for many contacts at once; write account or an IANA name")
    return _zone(name)


def _country(name: str, info: ValidationInfo) -> str:
    country, _, part = name.partition("-")
    if name == "account" or (country in _COUNTRIES and (not part or _has_part(country, part, info))):
        return name
    raise ValueError(f"no holidays are known for {name!r}; write account, a country such as UA, or a part of it: DE-BY")


def _has_part(country: str, part: str, info: ValidationInfo) -> bool:
    """Only asked of what an author writes: it loads the country's module, and a run reads what was checked before."""
    return not (info.context and info.context.get(AUTHORED)) or part in country_holidays(country).subdivisions


Clock = Annotated[str, AfterValidator(_clock)]
"""A time of day such as `09:00`."""
Closing = Annotated[str, AfterValidator(_closing)]
"""A time of day, or `24:00` for the end of the day."""
Weekday = Annotated[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], BeforeValidator(_weekday)]
Weekdays = Annotated[tuple[Weekday, ...], Field(max_length=7)]
Zone = Annotated[str, AfterValidator(_zone)]
"""`contact`, `account` or an IANA name."""
Country = Annotated[str, AfterValidator(_country)]
"""`account`, an ISO 3166 country such as UA, or a part of one such as DE-BY."""


def read_clock(text: str) -> time:
    """The time of day of a Clock; `24:00` is 00:00 (of the next day)."""
    return time() if text == "24:00" else time.fromisoformat(text)


class SendWindow(Part):
    """When messages may be sent: `{ from: "09:00", to: "21:00", days: [mon, fri] }`.

    When `to` is before `from` the window goes over midnight, and `days` are the days on which it opens.
    """

    from_: Clock = Field(alias="from")
    """It opens, such as 09:00."""
    to: Closing
    """It closes, such as 21:00; 24:00 is the end of the day."""
    days: Weekdays = ()
    """Every day when empty."""

    @model_validator(mode="after")
    def _opens(self) -> Self:
        if self.from_ == self.to:
            raise PydanticCustomError("window", "the window closes when it opens; for all day write 00:00 to 24:00")
        return self


WindowChoice = Annotated[
    Annotated[SendWindow, Tag("(window)")] | Annotated[Literal["account", "none"], Tag("(word)")],
    Discriminator(lambda value: "(word)" if isinstance(value, str) else "(window)"),
]
"""The window of the account, none, or one of its own."""


class Schedule(Part):
    """When a segment is looked at: at a time of day, daily, on some weekdays, or on a day of the month."""

    at: Clock
    """Time of day, such as 09:00."""
    on: Weekdays = ()
    """Every day when empty."""
    day: Annotated[int, Field(ge=1, le=28)] | None = None
    """Day of the month."""
    zone: Annotated[str, AfterValidator(_account_zone)] = "account"
    """account, or an IANA name."""

    @model_validator(mode="after")
    def _one_rhythm(self) -> Self:
        if self.on and self.day is not None:
            raise PydanticCustomError("schedule", "write either on (weekdays) or day (of the month)")
        return self
