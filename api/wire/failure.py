"""Why an order is refused: Pydantic's findings in the contract's codes and words."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from api.wire.document import check_document
from api.wire.order import MAX_ITEMS, ItemIn
from api.wire.outcome import FailedOrder, FieldError
from core.document import ORDER_FIELDS

MAX_ERRORS = 20
_LONGEST_NAME = 200
_LONGEST_ID = 255

_RANK = {field: rank for rank, field in enumerate(ORDER_FIELDS.values())}
_ITEM = TypeAdapter(ItemIn)

_WORDS = {
    "missing": ("missing_field", "is required; send it."),
    "string_too_long": ("too_long", "may have at most {max_length} characters; shorten it."),
    "too_long": ("too_long", "may have at most {max_length} elements; leave the rest out."),
    "string_unicode": ("invalid_text", "must not contain half of a surrogate pair; send whole characters."),
    "string_type": ("invalid_value", "must be text."),
    "list_type": ("invalid_value", "must be an array."),
    "dict_type": ("not_an_object", "must be a JSON object."),
}
_WORDS_OF_PATTERNS = {
    "currency": ("invalid_value", "must be an ISO 4217 code of three letters such as UAH."),
    "externalOrderId": ("invalid_text", "must not be blank nor contain NUL (\\u0000)."),
    "externalItemId": ("invalid_text", "must not be blank nor contain NUL (\\u0000)."),
}
_NO_NUL = ("invalid_text", "must not contain NUL (\\u0000); take it out.")

_NOT_A_NUMBER = ("not_a_number", "must be text or a finite number.")


def not_an_object(index: int) -> FailedOrder:
    """The failure of an element of `orders` that is no object."""
    return FailedOrder(
        index, None, (_field_error("", "not_an_object", "must be a JSON object with an order's fields."),)
    )


def failed(index: int, known: Mapping[str, Any], errors: Iterable[FieldError]) -> FailedOrder:
    """The failure with its errors in the contract's order. `known` has the fields that came."""
    ranked = sorted(errors, key=_rank)
    order_id = known.get("externalOrderId")
    readable = _printable(order_id, _LONGEST_ID) if isinstance(order_id, str) else None
    return FailedOrder(index, readable, tuple(ranked[:MAX_ERRORS]))


def missing_identity() -> FieldError:
    """The failure of an order that does not say whose it is."""
    return FieldError(
        "externalCustomerId",
        "missing_identity",
        "Nothing tells whose order it is; send externalCustomerId (no placeholder for guests), email or phone.",
    )


def errors_of_order(error: ValidationError, known: Mapping[str, Any]) -> list[FieldError]:
    """All that Pydantic found, then the items one by one, because the model stops at the first bad one."""
    errors = [_translated(each) for each in _details(error) if not _is_inside_items(each)]
    items = known.get("items")
    if isinstance(items, list) and len(items) <= MAX_ITEMS:
        for number, item in enumerate(items):
            errors += _errors_of_item(number, item)
            if len(errors) >= MAX_ERRORS:
                break
    return errors


def errors_of_document(document: dict[str, object], place: str = "") -> list[FieldError]:
    """What keeps free JSON from being stored."""
    fault = check_document(document, place)
    return [_field_error(fault.place, fault.code, fault.message)] if fault else []


def _rank(error: FieldError) -> int:
    return _RANK.get(error.field.partition("[")[0].partition(".")[0], len(_RANK))


def _details(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False, include_context=True)


def _is_inside_items(found: ErrorDetails) -> bool:
    return len(found["loc"]) > 1 and found["loc"][0] == "items"


def _errors_of_item(number: int, item: object) -> list[FieldError]:
    try:
        _ITEM.validate_python(item)
    except ValidationError as error:
        return [_translated(each, f"items[{number}]") for each in _details(error)]
    return []


def _translated(found: ErrorDetails, place: str = "") -> FieldError:
    names = [str(part) for part in found["loc"] if part != "[key]"]
    kind = found["type"]
    if kind == "string_pattern_mismatch":
        code, words = _WORDS_OF_PATTERNS.get(names[-1], _NO_NUL)
    elif kind == "string_type" and isinstance(found["input"], float | Decimal):
        code, words = _NOT_A_NUMBER  # finite ones have become text before
    else:
        code, words = _WORDS.get(kind, (kind, found["msg"]))
    return _field_error(".".join(filter(None, (place, *names))), code, words.format(**found.get("ctx", {})))


def _field_error(field: str, code: str, words: str) -> FieldError:
    field = _printable(field)
    return FieldError(field, code, f"{field or 'The order'} {words}")


def _printable(text: str, limit: int = _LONGEST_NAME) -> str:
    """What any JSON reader can take, of bounded length."""
    return text[:limit].encode(errors="backslashreplace").decode()
