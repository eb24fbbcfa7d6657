"""Lengths of time as people write them: `10d`, `36h`, `2w`, `1mo`, `1y`, or ISO 8601 (`P10D`, `PT36H`)."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import AfterValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

MAX_DAYS = 1827
"""Five years, with the most leap days that they can have."""

_SECONDS = {"h": 3600, "m": 60, "s": 1}
_SHORT = re.compile(
    r"(?:(?P<y>\d{1,9})y)?(?:(?P<mo>\d{1,9})mo)?(?:(?P<w>\d{1,9})w)?(?:(?P<d>\d{1,9})d)?"
    r"(?:(?P<h>\d{1,9})h)?(?:(?P<m>\d{1,9})m)?(?:(?P<s>\d{1,9})s)?",
    re.ASCII,
)
_ISO = re.compile(
    r"P(?:(?P<y>\d{1,9})Y)?(?:(?P<mo>\d{1,9})M)?(?:(?P<w>\d{1,9})W)?(?:(?P<d>\d{1,9})D)?"
    r"(?:T(?:(?P<h>\d{1,9})H)?(?:(?P<m>\d{1,9})M)?(?:(?P<s>\d{1,9})S)?)?",
    re.ASCII,
)
_PATTERN = r"^[+-]?(P[0-9YMWDTHS]+|([0-9]+(y|mo|w|d|h|m|s) ?)+)$"


@dataclass(frozen=True, slots=True)
class Duration:
    """Calendar months and days, and exact seconds: `1d` is a calendar day, `24h` is 86400 seconds.

    All three have the same sign.
    """

    months: int = 0
    days: int = 0
    seconds: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a duration; a sign may stand before it. Raises ValueError with the remedy."""
        sign = -1 if text.startswith("-") else 1
        body = text[1:] if text[:1] in ("-", "+") else text
        match = _ISO.fullmatch(body) or _SHORT.fullmatch(body.replace(" ", ""))
        found = {unit: int(number) for unit, number in match.groupdict().items() if number} if match else {}
        if not found or body.endswith("T"):
            raise ValueError(f"{text!r} is not a duration; write 10d, 36h, 2w, 30m, 1mo, 1y or ISO 8601 such as P10D")
        duration = cls(
            months=sign * (found.get("y", 0) * 12 + found.get("mo", 0)),
            days=sign * (found.get("w", 0) * 7 + found.get("d", 0)),
            seconds=sign * sum(found.get(unit, 0) * length for unit, length in _SECONDS.items()),
        )
        if abs(duration.months) * 30.5 > MAX_DAYS + 3 or abs(duration.days) + abs(duration.seconds) / 86400 > MAX_DAYS:
            raise ValueError(f"{text!r} is longer than 5 years")
        return duration

    def after(self, moment: datetime) -> datetime:
        """The moment this much later, on the calendar and clock that the moment itself carries.

        A day that its month does not have is the last of the month. Raises OverflowError outside years 1 to 9999.
        """
        if self.months:
            year, month = divmod(moment.year * 12 + moment.month - 1 + self.months, 12)
            if not MINYEAR <= year <= MAXYEAR:
                raise OverflowError("outside the calendar")
            moment = moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
        return moment + timedelta(days=self.days, seconds=self.seconds)

    @property
    def sign(self) -> int:
        """1, 0 or -1."""
        total = self.months + self.days + self.seconds
        return (total > 0) - (total < 0)

    def __bool__(self) -> bool:
        return self.sign != 0

    def __neg__(self) -> "Duration":
        return Duration(-self.months, -self.days, -self.seconds)

    def __str__(self) -> str:
        minutes, seconds = divmod(abs(self.seconds), 60)
        hours, minutes = divmod(minutes, 60)
        parts = ((abs(self.months), "mo"), (abs(self.days), "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
        text = "".join(f"{count}{unit}" for count, unit in parts if count)
        return f"-{text}" if self.sign < 0 else text or "0s"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _validate, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "pattern": _PATTERN, "examples": ["10d", "36h", "P10D"]}


def _validate(value: Any) -> Duration:  # whatever the document holds
    if isinstance(value, Duration):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("duration", "a duration is text with a unit, such as 10d or 36h")
    return Duration.parse(value)


def _positive(value: Duration) -> Duration:
    if value.sign <= 0:
        raise ValueError("a duration here is longer than nothing")
    return value


PositiveDuration = Annotated[Duration, AfterValidator(_positive)]
