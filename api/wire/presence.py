"""A raw order before its check: what is empty is absent, and a number where text belongs is its text."""

from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Any

_OFTEN_NUMBERS = ("externalOrderId", "externalCustomerId", "phone", "storeId")
_TEXTS = (
    *_OFTEN_NUMBERS, "email", "firstName", "lastName", "restoreUrl", "statusDescription", "deliveryMethod",
    "paymentMethod", "deliveryAddress",
)  # fmt: skip
_OFTEN_NUMBERS_OF_ITEMS = ("externalItemId",)
_TEXTS_OF_ITEMS = ("externalItemId", "name", "url", "imageUrl", "category", "description")

_PLAIN_DIGITS = 300
"""A number of more digits is written as it came, be it with an exponent: 1e400 must not become 400 zeros."""


def present_fields(raw: Mapping[str, Any]) -> dict[str, Any]:  # Any: JSON
    """A copy without null and empty strings, items likewise; ids that came as numbers are text."""
    present = _without_empty(raw)
    _write_out(present, _OFTEN_NUMBERS)
    items = raw.get("items")
    if isinstance(items, list):
        present["items"] = kept = [_without_empty(item) if isinstance(item, dict) else item for item in items]
        for item in kept:
            if isinstance(item, dict):
                _write_out(item, _OFTEN_NUMBERS_OF_ITEMS)
    return present


def write_out_numbers(present: dict[str, Any]) -> bool:  # Any: JSON
    """Turn numbers into text in every field of text, in place. Returns whether there were any.

    Some encoders make a number of each text that looks like one; that costs nobody his order.
    """
    changed = _write_out(present, _TEXTS)
    items = present.get("items")
    if isinstance(items, list):
        for item in items:
            if isinstance(item, dict):
                changed |= _write_out(item, _TEXTS_OF_ITEMS)
    return changed


def _without_empty(raw: Mapping[str, Any]) -> dict[str, Any]:
    if all(raw.values()):
        return dict(raw)
    return {key: value for key, value in raw.items() if value or (value is not None and value != "")}


def _write_out(fields: dict[str, Any], names: tuple[str, ...]) -> bool:
    changed = False
    for name in names:
        value = fields.get(name, "")
        if type(value) is not str and (text := _written(value)) is not None:
            fields[name] = text
            changed = True
    return changed


def _written(value: object) -> str | None:
    """A finite number without an exponent: 15, 7.50. None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    if isinstance(value, float):
        return repr(value) if isfinite(value) else None
    number = Decimal(value)
    if not number.is_finite():
        return None
    return format(number, "f") if abs(number.adjusted()) < _PLAIN_DIGITS else str(number)
