"""Free JSON beside the contract's fields (additionalInfo, unknown fields): kept as it is, within bounds."""

from decimal import Decimal
from typing import NamedTuple

MAX_DEPTH = 20
MAX_VALUES = 5_000
MAX_CHARACTERS = 100_000
MAX_DIGITS = 64

_SMALL = 50
_SHORT = 1_000
_LONGEST_PLACE = 200


class Fault(NamedTuple):
    """What keeps a document from being stored: where, which code, and what would be right."""

    place: str
    code: str
    message: str


def check_document(document: dict[str, object], place: str = "") -> Fault | None:
    """The first fault of a document that stands at `place`, or None.

    Bounds: 20 levels, 5,000 values, 100,000 characters, numbers of 64 digits on either side of the point. They keep
    within what PostgreSQL's jsonb can hold (no NUL, no lone surrogates, no NaN) and what a template should meet.
    """
    return None if _is_simple(document) else _first_fault(document, place)


def _is_simple(document: dict[str, object]) -> bool:
    """Whether this is a small flat object without anything suspicious, as nearly all are."""
    for key, value in document.items():
        if type(key) is not str or not _is_simple_value(key) or not _is_simple_value(value):
            return False
    return len(document) <= _SMALL


def _is_simple_value(value: object) -> bool:
    if type(value) is str:
        return len(value) <= _SHORT and value.isprintable()  # NUL and surrogates do not print
    if type(value) is Decimal:
        written = str(value) if abs(value.adjusted()) < _SMALL else "E"
        return value.is_finite() and len(written) < _SMALL and "E" not in written
    if type(value) is int:
        return value.bit_length() <= _SMALL
    return value is None or type(value) is bool


def _first_fault(document: dict[str, object], place: str) -> Fault | None:
    todo: list[tuple[str, object, int]] = [(place, document, 1)]
    values = characters = 0
    while todo:
        at, value, depth = todo.pop()
        if fault := _fault_of_keys(value) if isinstance(value, dict) else _fault_of_scalar(value):
            return Fault(at.removeprefix("."), *fault)
        if not isinstance(value, dict | list):
            continue
        values += len(value)
        characters += _characters(value)
        if depth > MAX_DEPTH:
            return Fault(place, "too_long", f"may be at most {MAX_DEPTH} levels deep; flatten it.")
        if values > MAX_VALUES or characters > MAX_CHARACTERS:
            return Fault(
                place, "too_long", f"may hold at most {MAX_VALUES} values and {MAX_CHARACTERS} characters; shorten it."
            )
        todo.extend((f"{at[:_LONGEST_PLACE]}{name}", inner, depth + 1) for name, inner in reversed(_suspects(value)))
    return None


def _characters(container: dict[str, object] | list[object]) -> int:
    inner = container.values() if isinstance(container, dict) else container
    names = sum(map(len, container)) if isinstance(container, dict) else 0
    return names + sum(len(each) for each in inner if isinstance(each, str))


def _suspects(container: dict[str, object] | list[object]) -> list[tuple[str, object]]:
    """What in a container needs a closer look, with its name as it is added to the container's."""
    if isinstance(container, dict):
        return [(f".{key[:_LONGEST_PLACE]}", each) for key, each in container.items() if not _is_simple_value(each)]
    return [(f"[{number}]", each) for number, each in enumerate(container) if not _is_simple_value(each)]


def _fault_of_keys(document: dict[str, object]) -> tuple[str, str] | None:
    return next(filter(None, map(_fault_of_key, document)), None)


def _fault_of_key(key: object) -> tuple[str, str] | None:
    if not isinstance(key, str):
        return ("invalid_text", "has a field whose name is not text.")
    fault = _fault_of_text(key)
    return fault and (fault[0], f"has a field whose name {fault[1]}")


def _fault_of_text(text: str) -> tuple[str, str] | None:
    if "\0" in text:
        return ("invalid_text", "must not contain NUL (\\u0000); take it out.")
    try:
        text.encode()
    except UnicodeEncodeError:
        return ("invalid_text", "must not contain half of a surrogate pair; send whole characters.")
    return None


def _fault_of_scalar(value: object) -> tuple[str, str] | None:
    if isinstance(value, str):
        return _fault_of_text(value)
    if value is None or isinstance(value, bool | list):
        return None
    if isinstance(value, int):
        fits = -(10**MAX_DIGITS) < value < 10**MAX_DIGITS
    elif isinstance(value, float | Decimal):
        number = Decimal(repr(value)) if isinstance(value, float) else value
        if not number.is_finite():
            return ("not_a_number", "must be a finite number.")
        fits = number.adjusted() < MAX_DIGITS and int(number.as_tuple().exponent) >= -MAX_DIGITS
    else:
        return ("invalid_value", "must be JSON.")
    return None if fits else _TOO_WIDE


_TOO_WIDE = ("out_of_range", f"may have at most {MAX_DIGITS} digits on either side of its point; send it as text.")
