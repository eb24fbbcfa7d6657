"""Amounts and quantities: exact decimals with documented bounds."""

import re
from decimal import Decimal
from math import isfinite

from pydantic_core import PydanticCustomError

INTEGER_DIGITS = 14
FRACTION_DIGITS = 20

_ZERO = Decimal(0)
_SURELY_SHORT = FRACTION_DIGITS
"""A number whose text is no longer than this has no more digits after the point either."""

_LARGEST_INTEGER = 10**INTEGER_DIGITS - 1
_LONGEST_TEXT = 100
_WRITTEN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


def read_decimal(value: object) -> Decimal:
    """A number or its text, exactly: at most 14 digits before the point and 20 after it.

    The scale is kept (18.00 stays 18.00) and nothing is rounded: the room after the point is for the noise of floating
    point that shops send (0.30000000000000004).

    Raises PydanticCustomError of type not_a_number or out_of_range.
    """
    if type(value) is int:  # not bool
        if -_LARGEST_INTEGER <= value <= _LARGEST_INTEGER:
            return Decimal(value)
        raise _too_large()
    number = value if type(value) is Decimal else _parsed(value)
    if not number.is_finite():
        raise _not_a_number()
    if number.adjusted() >= INTEGER_DIGITS:
        raise _too_large()
    written = str(number)
    if len(written) > _SURELY_SHORT or "E" in written:
        return _plain(number)
    return number


def read_positive(value: object) -> Decimal:
    """As read_decimal, and zero or more."""
    number = read_decimal(value)
    if number < _ZERO:
        raise PydanticCustomError("out_of_range", "must be zero or more.")
    return number


def _parsed(value: object) -> Decimal:
    if isinstance(value, str) and len(value) <= _LONGEST_TEXT and _WRITTEN.fullmatch(text := value.strip()):
        return Decimal(text)
    if isinstance(value, float) and isfinite(value):
        return Decimal(repr(value))
    raise _not_a_number()


def _plain(number: Decimal) -> Decimal:
    """The number without an exponent, which 1E+2 and 1E-7 have. Only here is it known to be of bounded size."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -FRACTION_DIGITS:
        raise PydanticCustomError("out_of_range", "may have at most 20 digits after the decimal point; round it.")
    return Decimal(format(number, "f"))


def _too_large() -> PydanticCustomError:
    return PydanticCustomError("out_of_range", "may have at most 14 digits before the decimal point.")


def _not_a_number() -> PydanticCustomError:
    return PydanticCustomError("not_a_number", "must be a finite number such as 1299.50, as a number or as text.")
