"""Free JSON beside the contract's fields (additionalInfo, unknown fields): kept as it is, within bounds."""

from decimal import Decimal
from math import isfinite

MAX_DEPTH = 20
MAX_VALUES = 5_000
MAX_CHARACTERS = 100_000
MAX_DIGITS = 64


def check_document(document: dict[str, object], place: str) -> tuple[str, str, str] | None:
    """The first (field, code, message) that keeps this document from being stored as jsonb, or None.

    Bounds: 20 levels, 5,000 values, 100,000 characters of text, 64 digits on either side of a number's point.
    """
    todo: list[tuple[str, object, int]] = [(place, document, 1)]
    values = characters = 0
    while todo:
        at, value, depth = todo.pop()
        values += 1
        match value:
            case str():
                characters += len(value)
                fault = _fault_of_text(value)
            case dict():
                characters += sum(len(key) for key in value if isinstance(key, str))
                fault = next(filter(None, map(_fault_of_key, value)), None) or _too_deep(depth)
                todo.extend((f"{at}.{key}" if at else key, inner, depth + 1) for key, inner in reversed(value.items()))
            case list():
                fault = _too_deep(depth)
                todo.extend((f"{at}[{n}]", inner, depth + 1) for n, inner in reversed([*enumerate(value)]))
            case _:
                fault = _fault_of_scalar(value)
        if fault is None and (values > MAX_VALUES or characters > MAX_CHARACTERS):
            at = place
            fault = ("too_long", f"may hold at most {MAX_VALUES} values and {MAX_CHARACTERS} characters")
        if fault:
            return (at, *fault)
    return None


def _too_deep(depth: int) -> tuple[str, str] | None:
    return ("too_long", f"may be at most {MAX_DEPTH} levels deep") if depth > MAX_DEPTH else None


def _fault_of_text(text: str) -> tuple[str, str] | None:
    if "\0" in text:
        return ("invalid_text", "must not contain NUL (\\u0000)")
    try:
        text.encode()
    except UnicodeEncodeError:
        return ("invalid_text", "must not contain half of a surrogate pair")
    return None


def _fault_of_key(key: object) -> tuple[str, str] | None:
    fault = _fault_of_text(key) if isinstance(key, str) else ("invalid_text", "must be text")
    return fault and (fault[0], f"has a field whose name {fault[1]}")


def _fault_of_scalar(value: object) -> tuple[str, str] | None:
    match value:
        case None | bool():
            return None
        case int():
            fits = abs(value) < 10**MAX_DIGITS
        case float():
            if not isfinite(value):
                return ("not_a_number", "must be a finite number")
            fits = True
        case Decimal():
            if not value.is_finite():
                return ("not_a_number", "must be a finite number")
            exponent = value.as_tuple().exponent
            fits = isinstance(exponent, int) and exponent >= -MAX_DIGITS and value.adjusted() < MAX_DIGITS
        case _:
            return ("invalid_value", "must be JSON")
    return None if fits else ("out_of_range", f"may have at most {MAX_DIGITS} digits on either side of its point")
