"""An order as a JSON document: field names, exact numbers, a snapshot, a content hash.

JSON as Ordercue keeps it has exact numbers: a Decimal is written with the digits that it has and read back as a
Decimal, so that no amount ever passes through binary floating point.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Context, Decimal, Inexact
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Any
from uuid import UUID

import orjson
from orjson import Fragment


class OrderStatus(StrEnum):
    """The statuses of the contract; each accepted order appends an event `order<STATUS>`."""

    INITIALIZED = "INITIALIZED"
    IN_PROGRESS = "IN_PROGRESS"
    DELIVERED = "DELIVERED"
    CANCELLED = "CANCELLED"
    ABANDONED_SHOPPING_CART = "ABANDONED_SHOPPING_CART"


ORDER_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "external_order_id": "externalOrderId",
        "total_cost": "totalCost",
        "status": "status",
        "date": "date",
        "external_customer_id": "externalCustomerId",
        "email": "email",
        "phone": "phone",
        "currency": "currency",
        "first_name": "firstName",
        "last_name": "lastName",
        "shipping": "shipping",
        "discount": "discount",
        "taxes": "taxes",
        "restore_url": "restoreUrl",
        "status_description": "statusDescription",
        "store_id": "storeId",
        "delivery_method": "deliveryMethod",
        "payment_method": "paymentMethod",
        "delivery_address": "deliveryAddress",
        "source": "source",
        "additional_info": "additionalInfo",
        "status_date": "statusDate",
        "items": "items",
        "extra": "extra",
    }
)
"""Column → field of the API, in the contract's order."""

ITEM_FIELDS = frozenset(
    {"externalItemId", "name", "quantity", "cost", "url", "imageUrl", "category", "description", "extra"}
)
"""Of an order's item, as the contract names them; `extra` has what it does not name."""

_EXACT_READER = json.JSONDecoder(parse_float=Decimal)
"""Made once: making one takes longer than reading a small document."""
_JSON_CANNOT_HOLD = "JSON cannot hold this value"
_EXACT = Context(prec=1_000_000, traps=[Inexact])
"""Takes trailing zeros away and nothing else."""


def snapshot(order: Mapping[str, Any]) -> dict[str, Any]:  # Any: JSON values, Decimal and datetime among them
    """The order in the API's shape: money as Decimal, dates as ISO 8601 in UTC, absent (None) fields left out.

    `order` is keyed by column; columns that are no field of the API are ignored, so a whole row may be given.
    """
    document: dict[str, Any] = {}  # Any: JSON values
    for column, field in ORDER_FIELDS.items():
        value = order.get(column)
        if value is not None:
            document[field] = value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
    return document


def content_hash(order: Mapping[str, Any]) -> str:  # Any: as for snapshot
    """SHA-256, in hexadecimal, of what the order says, whatever the order of its keys or the writing of its numbers.

    18, 18.0 and 18.00 are one value, and so are one instant in two zones; None and absence are the same.
    """
    known = {key: value for key, value in order.items() if value is not None}
    try:
        text = orjson.dumps(known, _canonical, orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME)
    except TypeError:
        text = orjson.dumps(_wide(known), _canonical, orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME)
    return sha256(text).hexdigest()


def dump_json(value: object) -> bytes:
    """JSON in UTF-8: Decimals as exact numbers, datetimes as ISO 8601. Raises TypeError for what JSON cannot hold."""
    try:
        return orjson.dumps(value, _exact)
    except TypeError:
        return orjson.dumps(_wide(value), _exact)


def as_json(value: object) -> Fragment:
    """JSON that dump_json takes in as it is: what stands in several documents is written once."""
    return Fragment(dump_json(value))


def load_json(text: str | bytes) -> Any:  # Any: JSON can be of any type
    """The counterpart of dump_json: numbers with a fraction or an exponent become Decimal, exactly."""
    return _EXACT_READER.decode(text) if isinstance(text, str) else json.loads(text, parse_float=Decimal)


def plain_number(value: Decimal) -> str:
    """The number without an exponent: 1E+2 is `100`. Raises TypeError for NaN and infinities."""
    if not value.is_finite():
        raise TypeError(_JSON_CANNOT_HOLD)
    written = str(value)
    return format(value, "f") if "E" in written else written


def _exact(value: object) -> object:
    if isinstance(value, Decimal):
        return Fragment(plain_number(value))
    if isinstance(value, UUID):  # the driver's own subclass
        return str(value)
    raise TypeError(_JSON_CANNOT_HOLD)


def _canonical(value: object) -> object:
    if isinstance(value, Decimal):
        shortest = plain_number(value.normalize(_EXACT))
        return Fragment("0" if shortest == "-0" else shortest)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(_JSON_CANNOT_HOLD)


def _wide(value: object) -> object:
    """The same value with integers beyond 64 bits as Decimal, which orjson alone would refuse."""
    match value:
        case dict():
            return {key: _wide(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_wide(inner) for inner in value]
        case int() if value.bit_length() > 63:  # noqa: PLR2004 (bits)
            return Decimal(value)
        case _:
            return value
