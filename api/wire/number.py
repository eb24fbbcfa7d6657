"""Amounts and quantities: exact decimals with documented bounds."""

import re
from decimal import Decimal
from math import isfinite

from pydantic_core import PydanticCustomError

INTEGER_DIGITS = 14
FRACTION_DIGITS = 20

_LIMIT = Decimal(10) ** INTEGER_DIGITS
_ZERO = Decimal(0)
_WRITTEN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?", re.ASCII)
_LONGEST = 100


def read_decimal(value: object) -> Decimal:
    """A number or its text, exactly: below 10^14 in size, at most 20 digits after the point.

    The scale is kept (18.00 stays 18.00). The room after the point is for the noise of floating point that shops send
    (0.30000000000000004); what it means is the shop's business, so nothing is rounded.

    Raises PydanticCustomError with the type not_a_number or out_of_range.
    """
    number = value if type(value) is Decimal else _from(value)
    if not -_LIMIT < number < _LIMIT:  # a NaN never gets here from JSON; _from refuses it
        raise PydanticCustomError("out_of_range", "must be below 10^14 in size")
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -FRACTION_DIGITS:
        raise PydanticCustomError("out_of_range", "may have at most 20 digits after the decimal point")
    return number if exponent <= 0 else Decimal(format(number, "f"))


def read_positive(value: object) -> Decimal:
    """As read_decimal, and zero or more."""
    number = read_decimal(value)
    if number < _ZERO:
        raise PydanticCustomError("out_of_range", "must be zero or more")
    return abs(number) if number == _ZERO else number


def _from(value: object) -> Decimal:
    match value:
        case bool():
            pass
        case int():
            return Decimal(value)
        case float() if isfinite(value):
            return Decimal(repr(value))
        case str() if len(value) <= _LONGEST and _WRITTEN.fullmatch(value.strip()):
            return Decimal(value.strip())
        case _:
            pass
    raise PydanticCustomError("not_a_number", "must be a finite number such as 1299.50")
