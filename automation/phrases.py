"""Conditions in words that a marketer uses."""

from decimal import Decimal

from automation.condition import AllCondition, AnyCondition, Condition, FieldCondition, ItemsCondition, NotCondition

_PHRASES = {
    "eq": "{}",
    "ne": "anything but {}",
    "gt": "more than {}",
    "gte": "at least {}",
    "lt": "less than {}",
    "lte": "at most {}",
    "in": "one of {}",
    "contains": "something that contains {}",
    "starts_with": "something that begins with {}",
    "ends_with": "something that ends with {}",
    "matches": "something that matches {}",
    "is_set": "a value",
    "is_empty": "no value",
    "before": "a moment before {}",
    "after": "a moment after {}",
    "within": "a moment within {}",
    "any": "at least one item with {}",
    "all": "only items with {}",
}
_LONGEST = 80


def because_sentence(field: str, op: str, expected: object, actual: object, *, negated: bool = False) -> str:
    """What decided: "totalCost is 12, the rule asks for at least 20"."""
    verb = "excludes" if negated else "asks for"
    return f"{_label(field)} {_is(op, actual)}, the rule {verb} {_wanted(op, expected)}"


def describe(condition: Condition) -> str:
    """The condition itself: "totalCost: at least 20 and status: DELIVERED"."""
    match condition:
        case AllCondition():
            return " and ".join(_inner(each) for each in condition.all)
        case AnyCondition():
            return " or ".join(_inner(each) for each in condition.any)
        case NotCondition():
            return f"not ({describe(condition.not_)})"
        case ItemsCondition():
            return _describe_items(condition)
        case FieldCondition():
            return f"{_label(condition.field)}: {_wanted(str(condition.op), condition.value)}"


def _describe_items(condition: ItemsCondition) -> str:
    inner = describe(condition.where) if condition.where else ""
    if condition.op is None:
        return _wanted(condition.items, inner)
    what = "number of items" if condition.items == "count" else f"sum of {condition.of}"
    where = f" ({inner})" if inner else ""
    return f"{what}{where}: {_wanted(str(condition.op), condition.value)}"


def _inner(condition: Condition) -> str:
    text = describe(condition)
    return f"({text})" if isinstance(condition, (AllCondition, AnyCondition)) else text


def _label(field: str) -> str:
    return field.removeprefix("order.")


def _is(op: str, actual: object) -> str:
    if op in ("any", "all"):
        return f"fulfil it: {actual}"
    return "is not set" if actual is None else f"is {_shown(actual)}"


def _wanted(op: str, expected: object) -> str:
    return _PHRASES[op].format(expected if op in ("any", "all") else _shown(expected))


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (tuple, list)):
        return ", ".join(map(_shown, value[:10]))
    text = str(value)
    if not text:
        return "empty text"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
