"""A raw order before its check: what is empty is absent, and a number where text belongs is its text."""

from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Any, NamedTuple

from api.wire.order import ITEM_FIELDS
from core.document import ORDER_FIELDS

_ORDER_FIELDS = frozenset(ORDER_FIELDS.values()) - {"extra"}

# Any: JSON, whatever the client sent.

_OFTEN_NUMBERS = ("externalOrderId", "externalCustomerId", "phone", "storeId")
_TEXTS = (
    *_OFTEN_NUMBERS, "email", "firstName", "lastName", "restoreUrl", "statusDescription", "deliveryMethod",
    "paymentMethod", "deliveryAddress",
)  # fmt: skip
_OFTEN_NUMBERS_OF_ITEMS = ("externalItemId",)
_TEXTS_OF_ITEMS = ("externalItemId", "name", "url", "imageUrl", "category", "description")

_PLAIN_DIGITS = 300
"""A number of more digits is written as it came, be it with an exponent: 1e400 must not become 400 zeros."""


class Present(NamedTuple):
    """What a raw order says. `known` has the contract's fields; the others stand apart, items' ones by their number."""

    known: dict[str, Any]
    extra: dict[str, Any]
    extra_of_items: dict[int, dict[str, Any]]


def present_fields(raw: Mapping[str, Any]) -> Present:
    """Copies without null and empty strings; ids that came as numbers are text."""
    known, extra = _split(_without_empty(raw), _ORDER_FIELDS)
    _write_out(known, _OFTEN_NUMBERS)
    extra_of_items: dict[int, dict[str, Any]] = {}
    items = known.get("items")
    if isinstance(items, list):
        known["items"] = kept = [_without_empty(item) if isinstance(item, dict) else item for item in items]
        for number, item in enumerate(kept):
            if isinstance(item, dict):
                kept[number], unknown = _split(item, ITEM_FIELDS)
                if unknown:
                    extra_of_items[number] = unknown
                _write_out(kept[number], _OFTEN_NUMBERS_OF_ITEMS)
    return Present(known, extra, extra_of_items)


def write_out_numbers(known: dict[str, Any]) -> bool:
    """Turn numbers into text in every field of text, in place. Returns whether there were any.

    Some encoders make a number of each text that looks like one; that costs nobody his order.
    """
    changed = _write_out(known, _TEXTS)
    items = known.get("items")
    if isinstance(items, list):
        for item in items:
            if isinstance(item, dict):
                changed |= _write_out(item, _TEXTS_OF_ITEMS)
    return changed


def _without_empty(raw: Mapping[str, Any]) -> dict[str, Any]:
    if all(raw.values()):
        return dict(raw)
    return {key: value for key, value in raw.items() if value or (value is not None and value != "")}


def _split(fields: dict[str, Any], names: frozenset[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Those of these names, and the others."""
    if names.issuperset(fields):
        return fields, {}
    others = {name: value for name, value in fields.items() if name not in names}
    return {name: value for name, value in fields.items() if name in names}, others


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
