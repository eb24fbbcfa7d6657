"""How values compare: numbers exactly, dates with dates, text otherwise.

- A number and text that is a number compare as numbers (`20`, `"20.00"`); two texts do not.
- Two texts that begin with a date compare as moments; with a date that has no time of day, as days. Text without
  offset is in the zone `run.zone`, by default UTC.
- What cannot be compared is different: `ne` holds, every other op does not. On a missing value only `is_empty` holds.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from automation.condition import Op
from automation.durations import Duration
from automation.fields import Facts, getter
from automation.moments import add, instant, read_moment
from automation.patterns import compile_pattern, found_in
from core.zones import known_zone

Test: TypeAlias = Callable[[Any, Facts], bool]  # the actual value is whatever the facts hold
Order: TypeAlias = Callable[[Any, Facts], int | None]  # -1, 0, 1, or None when the two cannot be compared

_NUMBER = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})", re.ASCII)
_UTC = ZoneInfo("UTC")


def as_number(value: object) -> Decimal | int | None:
    """The exact number that a value is, or that its text says; None when neither."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        text = value.strip()
        return Decimal(text) if _NUMBER.fullmatch(text) else None
    if isinstance(value, float):
        value = Decimal(repr(value))
    return value if isinstance(value, Decimal) and value.is_finite() else None


def comparison(op: Op, expected: Any, of: str | None = None) -> Test:  # noqa: PLR0911 - expected: any value
    """The test of one op against its value. `of` is the field that durations count from."""
    if op is Op.IS_SET:
        return lambda actual, _: not _is_empty(actual)
    if op is Op.IS_EMPTY:
        return lambda actual, _: _is_empty(actual)
    if op is Op.WITHIN:
        return _within(Duration.parse(expected), of or "run.now")
    if op in (Op.BEFORE, Op.AFTER):
        return _before_or_after(op, str(expected), of or "run.now")
    if op is Op.IN:
        return _in(expected)
    if op in (Op.CONTAINS, Op.STARTS_WITH, Op.ENDS_WITH, Op.MATCHES):
        return _text_test(op, expected)
    return _ordered(op, _order(expected))


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, (str, list, tuple, dict)) and not value)


def _ordered(op: Op, order: Order) -> Test:
    match op:
        case Op.EQ:
            return lambda actual, facts: actual is not None and order(actual, facts) == 0
        case Op.NE:
            return lambda actual, facts: actual is not None and order(actual, facts) != 0
        case Op.GT:
            return lambda actual, facts: (order(actual, facts) or 0) > 0
        case Op.LT:
            return lambda actual, facts: (order(actual, facts) or 0) < 0
        case Op.GTE:
            return lambda actual, facts: (found := order(actual, facts)) is not None and found >= 0
        case _:
            return lambda actual, facts: (found := order(actual, facts)) is not None and found <= 0


def _order(expected: object) -> Order:
    if isinstance(expected, bool):
        return _truth_order(expected)
    number = as_number(expected)
    if number is not None and not isinstance(expected, str):
        return lambda actual, _: _sign(as_number(actual), number)
    return _text_order(str(expected), number)


def _sign(actual: Decimal | int | None, expected: Decimal | int) -> int | None:
    return None if actual is None else (actual > expected) - (actual < expected)


def _truth_order(expected: bool) -> Order:  # noqa: FBT001 - the value of the condition
    word = str(expected).lower()

    def order(actual: Any, _: Facts) -> int | None:  # whatever the facts hold
        if isinstance(actual, str):
            return 0 if actual.lower() == word else None
        return 0 if actual is expected else None

    return order


def _text_order(expected: str, number: Decimal | int | None) -> Order:
    moment = read_moment(expected)

    def order(actual: Any, facts: Facts) -> int | None:  # whatever the facts hold
        if isinstance(actual, str):
            other = read_moment(actual) if moment is not None else None
            if moment is not None and other is not None:
                return _moment_order(other, moment, _zone(facts))
            return (actual > expected) - (actual < expected)
        if isinstance(actual, bool):
            return 0 if str(actual).lower() == expected.lower() else None
        return None if number is None else _sign(as_number(actual), number)

    return order


def _moment_order(actual: datetime | date, expected: datetime | date, zone: ZoneInfo) -> int:
    """By the day when either has no time of day."""
    if isinstance(actual, datetime) and isinstance(expected, datetime):
        first, second = instant(actual, zone), instant(expected, zone)
        return (first > second) - (first < second)
    one, two = _day(actual, zone), _day(expected, zone)
    return (one > two) - (one < two)


def _day(value: datetime | date, zone: ZoneInfo) -> date:
    if not isinstance(value, datetime):
        return value
    return value.date() if value.tzinfo is None else value.astimezone(zone).date()


def _zone(facts: Facts) -> ZoneInfo:
    name = facts.get("run", {}).get("zone")
    return ZoneInfo(name) if isinstance(name, str) and known_zone(name) else _UTC


def _in(expected: tuple[object, ...]) -> Test:
    orders = tuple(_order(each) for each in expected)
    return lambda actual, facts: actual is not None and any(order(actual, facts) == 0 for order in orders)


def _text_test(op: Op, expected: object) -> Test:
    text = str(expected)
    if op is Op.CONTAINS:
        equals = _order(expected)
        return lambda actual, facts: (
            any(each is not None and equals(each, facts) == 0 for each in actual)
            if isinstance(actual, (list, tuple))
            else _has_text(actual) and text in str(actual)
        )
    if op is Op.STARTS_WITH:
        return lambda actual, _: _has_text(actual) and str(actual).startswith(text)
    if op is Op.ENDS_WITH:
        return lambda actual, _: _has_text(actual) and str(actual).endswith(text)
    pattern = compile_pattern(text)
    return lambda actual, _: _has_text(actual) and found_in(pattern, str(actual))


def _has_text(actual: object) -> bool:
    return isinstance(actual, (str, int, Decimal)) and not isinstance(actual, bool)


def _before_or_after(op: Op, expected: str, of: str) -> Test:
    fixed = read_moment(expected)
    wanted = -1 if op is Op.BEFORE else 1
    if fixed is not None:

        def against_date(actual: Any, facts: Facts) -> bool:  # whatever the facts hold
            moment = read_moment(actual)
            return moment is not None and _moment_order(moment, fixed, _zone(facts)) == wanted

        return against_date
    shift = Duration.parse(expected)
    get = getter(of)

    def against_now(actual: Any, facts: Facts) -> bool:  # whatever the facts hold
        moment, origin, zone = read_moment(actual), read_moment(get(facts)), _zone(facts)
        if moment is None or origin is None:
            return False
        try:
            limit = add(instant(origin, zone), shift, zone)
        except OverflowError:
            return False
        return _moment_order(moment, limit, zone) == wanted

    return against_now


def _within(length: Duration, of: str) -> Test:
    """Not further than the length from the origin, on either side of it."""
    get = getter(of)

    def test(actual: Any, facts: Facts) -> bool:  # whatever the facts hold
        moment, origin, zone = read_moment(actual), read_moment(get(facts)), _zone(facts)
        if moment is None or origin is None:
            return False
        try:
            middle, at = instant(origin, zone), instant(moment, zone)
            return add(middle, -length, zone) <= at <= add(middle, length, zone)
        except OverflowError:
            return False

    return test
