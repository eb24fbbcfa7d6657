"""Arithmetic of templates, exact: Liquid's own filters make a float of money, and nothing of a Decimal."""

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, DecimalException
from operator import add, mul, sub
from typing import Any

from liquid.exceptions import FilterArgumentError
from liquid.undefined import is_undefined

Number = int | Decimal
_LARGEST = 10**30
_MOST_PLACES = 10


def number(value: object) -> Number:
    """The number that a value is or spells; 0 for anything else. Raises FilterArgumentError beyond 10^30."""
    if isinstance(value, int):
        return _bounded(int(value))
    text = str(value).strip()
    try:
        found = value if isinstance(value, Decimal) else Decimal(text)
    except DecimalException:
        return 0
    if not found.is_finite():
        return 0
    _bounded(found)
    return int(found) if isinstance(value, str) and text.lstrip("+-").isdecimal() else found


def total(values: object, key: object = None) -> Number:
    """The sum of an array, or of one field of its items."""
    items: Iterable[object] = values if isinstance(values, list | tuple) else ()
    if isinstance(key, str):
        items = [item.get(key) if isinstance(item, Mapping) else None for item in items]
    return _bounded(sum((number(item) for item in items), start=0))


def rounded(value: object, places: object = 0) -> Number:
    """Half away from zero, as shops round."""
    digits = min(max(int(number(0 if is_undefined(places) else places)), 0), _MOST_PLACES)
    result = Decimal(number(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return result if digits else int(result)


def _bounded(found: Number) -> Number:
    if not -_LARGEST <= found <= _LARGEST:
        raise FilterArgumentError("a number beyond 10^30", token=None)
    return found


def _divided(left: Number, right: Number) -> Number:
    """Whole numbers divide into a whole number, as in Liquid everywhere."""
    _check_divisor(right)
    return left // right if isinstance(left, int) and isinstance(right, int) else Decimal(left) / right


def _modulo(left: Number, right: Number) -> Number:
    _check_divisor(right)
    return left - right * int((Decimal(left) / right).to_integral_value(ROUND_FLOOR))


def _check_divisor(divisor: Number) -> None:
    if divisor == 0:
        raise FilterArgumentError("division by zero", token=None)


def _of_two(work: Callable[[Number, Number], Number]) -> Callable[[object, object], Number]:
    return lambda value, other: _bounded(work(number(value), number(other)))


def _to_whole(rounding: str) -> Callable[[object], Number]:
    return lambda value: int(Decimal(number(value)).to_integral_value(rounding))


NUMBER_FILTERS: dict[str, Callable[..., Any]] = {  # Any: liquid calls each with what the template gives
    "abs": lambda value: abs(number(value)),
    "at_least": _of_two(max),
    "at_most": _of_two(min),
    "ceil": _to_whole(ROUND_CEILING),
    "divided_by": _of_two(_divided),
    "floor": _to_whole(ROUND_FLOOR),
    "minus": _of_two(sub),
    "modulo": _of_two(_modulo),
    "plus": _of_two(add),
    "round": rounded,
    "sum": total,
    "times": _of_two(mul),
}
