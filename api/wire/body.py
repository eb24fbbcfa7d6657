"""The body of POST /api/v1/orders: bytes to a list of raw orders."""

import json
from decimal import Decimal, InvalidOperation

from api.problems import Problem
from api.wire.order import MAX_ORDERS

_MOST_VALUES = 600_000
"""Values of one body: 14 bytes each at the usual limit of 8 MiB, where real orders need more than 20. Reading more,
millions of empty lists say, would hold up every other request for seconds."""

_REMEDY = 'Send UTF-8 JSON of the shape {"orders": [...]}, with an array even for one order.'


def read_body(raw: bytes) -> list[object]:
    """The orders in a body of the shape `{"orders": [...]}`, each still unchecked.

    Numbers with a fraction or an exponent are Decimal. NaN, infinities, lone surrogates and NUL get through, so that
    each fails its own order alone. Of a key that appears twice the last one counts; a byte order mark is ignored.

    Raises Problem 400: not_json, too_many_values, no_orders, empty_orders, too_many_orders.
    """
    document = parse_json(raw, remedy=_REMEDY)
    orders = document.get("orders") if isinstance(document, dict) else None
    if not isinstance(orders, list):
        raise Problem(400, "no_orders", "The body has no array `orders`.", remedy=_REMEDY)
    if not orders:
        raise Problem(
            400, "empty_orders", "The array `orders` is empty.", remedy=f"Send 1 to {MAX_ORDERS} orders a request."
        )
    if len(orders) > MAX_ORDERS:
        raise Problem(
            400,
            "too_many_orders",
            f"The array `orders` has {len(orders)} elements, more than {MAX_ORDERS}.",
            remedy=f"Split it into requests of at most {MAX_ORDERS} orders.",
        )
    return orders


def parse_json(raw: bytes, *, remedy: str = "Send UTF-8 JSON.") -> object:
    """Any JSON, with numbers as read_body reads them. Raises Problem 400 not_json with the remedy, too_many_values."""
    # each value takes a byte at least, so short bodies are not counted
    if len(raw) > _MOST_VALUES and sum(raw.count(mark) for mark in (b",", b"[", b"{")) > _MOST_VALUES:
        raise Problem(
            400,
            "too_many_values",
            f"The body has more than {_MOST_VALUES} values (commas and brackets are counted).",
            remedy="Split it into several requests.",
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_json(f"byte {error.start} is not UTF-8", remedy) from None
    try:
        return _decode(text)
    except json.JSONDecodeError as error:
        raise _not_json(f"{error.msg}, line {error.lineno} column {error.colno}", remedy) from None
    except RecursionError:
        raise _not_json("it is nested too deeply", remedy) from None


def _decode(text: str) -> object:
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError:
        raise
    except (ValueError, InvalidOperation):  # a number beyond what int or Decimal read
        return _WIDE_DECODER.decode(text)


def _wide_number(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:  # an exponent of 19 digits or more
        return Decimal("-Infinity" if digits.startswith("-") else "Infinity")


_DECODER = json.JSONDecoder(parse_float=Decimal)
_WIDE_DECODER = json.JSONDecoder(parse_float=_wide_number, parse_int=_wide_number)


def _not_json(why: str, remedy: str) -> Problem:
    return Problem(400, "not_json", f"The body is not JSON: {why}.", remedy=remedy)
