"""Why an order is refused: Pydantic's findings in the contract's codes and words."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from api.wire.document import check_document
from api.wire.order import MAX_ITEMS, ItemIn
from api.wire.outcome import FailedOrder, FieldError
from core.document import ORDER_FIELDS, OrderStatus

MAX_ERRORS = 20
_LONGEST_NAME = 200

_RANK = {field: rank for rank, field in enumerate(ORDER_FIELDS.values())}
_ITEM = TypeAdapter(ItemIn).validator

_CODES = {
    "missing": ("missing_field", "is required; send it"),
    "string_too_long": ("too_long", "may have at most {max_length} characters"),
    "too_long": ("too_long", "may have at most {max_length} elements; leave the rest out"),
    "string_unicode": ("invalid_text", "must not contain half of a surrogate pair; send whole characters"),
    "string_pattern_mismatch": ("invalid_text", "must not contain NUL (\\u0000); take it out"),
    "string_type": ("invalid_value", "must be text"),
    "enum": ("invalid_value", f"must be one of {', '.join(OrderStatus)}"),
    "list_type": ("invalid_value", "must be an array"),
    "dict_type": ("not_an_object", "must be a JSON object"),
    "invalid_key": ("invalid_text", "has a field whose name is not text"),
}
_CURRENCY = ("invalid_value", "must be an ISO 4217 code such as UAH")


def not_an_object(index: int) -> FailedOrder:
    """The failure of an element of `orders` that is no object."""
    return FailedOrder(index, None, (FieldError("", "not_an_object", "must be a JSON object with an order's fields"),))


def failed(index: int, present: Mapping[str, Any], errors: Iterable[FieldError]) -> FailedOrder:
    """The failure with its errors in the contract's order."""
    ranked = sorted(errors, key=lambda error: _RANK.get(error.field.partition("[")[0].partition(".")[0], len(_RANK)))
    return FailedOrder(index, _readable_id(present.get("externalOrderId")), tuple(ranked[:MAX_ERRORS]))


def errors_of_order(error: ValidationError, present: Mapping[str, Any]) -> list[FieldError]:
    """All that Pydantic found, items one by one, because the model stops at the first bad item."""
    found = error.errors(include_url=False, include_context=True, include_input=False)
    errors = [_translated(each) for each in found if each["loc"][:1] != ("items",) or len(each["loc"]) == 1]
    items = present.get("items")
    if isinstance(items, list) and len(items) <= MAX_ITEMS:
        for number, item in enumerate(items):
            errors += _errors_of_item(number, item)
            if len(errors) > MAX_ERRORS:
                break
    return errors


def _errors_of_item(number: int, item: object) -> list[FieldError]:
    try:
        _ITEM.validate_python(item)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=True, include_input=False)
        return [_translated(each, f"items[{number}]") for each in found]
    return []


def _translated(found: Any, place: str = "") -> FieldError:  # Any: pydantic_core's ErrorDetails is a loose TypedDict
    field = ".".join(filter(None, (place, *(_printable(str(part)) for part in found["loc"] if part != "[key]"))))
    code, message = _CODES.get(found["type"], (found["type"], found["msg"]))
    if field == "currency" and found["type"] == "string_pattern_mismatch":
        code, message = _CURRENCY
    return FieldError(field, code, message.format(**found.get("ctx", {})))


def errors_of_document(document: dict[str, object], place: str) -> list[FieldError]:
    """What keeps free JSON from being stored."""
    fault = check_document(document, place)
    return [FieldError(_printable(fault[0]), *fault[1:])] if fault else []


def _printable(name: str) -> str:
    return name[:_LONGEST_NAME].encode(errors="backslashreplace").decode()


def _readable_id(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int) or not value:
        return None
    return _printable(str(value))
