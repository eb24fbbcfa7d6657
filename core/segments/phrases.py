"""A segment's definition in words."""

from collections.abc import Iterable
from decimal import Decimal

from core.segments.definition import (
    AllOf,
    AnyOf,
    Condition,
    ContactField,
    Happened,
    InSegment,
    Messaged,
    Not,
    OrderFigure,
    OrderFilter,
    RfmCell,
)

_COMPARED = {"eq": "is", "ne": "is not", "gt": "is over", "gte": "is at least", "lt": "is under", "lte": "is at most"}
_FIGURES = {
    "count": "the number of orders",
    "sum": "the sum of orders",
    "average": "the average order",
    "first_date": "the day of the first order",
    "last_date": "the day of the last order",
    "days_since_first": "days since the first order",
    "days_since_last": "days since the last order",
}


def sentence(condition: Condition) -> str:
    """The whole tree in one sentence; groups in parentheses."""
    match condition:
        case AllOf() | AnyOf():
            parts = condition.all if isinstance(condition, AllOf) else condition.any
            word = " and " if isinstance(condition, AllOf) else " or "
            return word.join(
                f"({sentence(each)})" if isinstance(each, (AllOf, AnyOf)) and len(parts) > 1 else sentence(each)
                for each in parts
            )
        case Not():
            return f"not ({sentence(condition.not_)})"
        case _:
            return _leaf(condition)


def _leaf(condition: Condition) -> str:  # noqa: PLR0911 (one for each kind)
    match condition:
        case OrderFigure():
            value = condition.value
            shown = f"{value.normalize():f}" if isinstance(value, Decimal) else value.isoformat()
            return f"{_FIGURES[condition.orders]}{_which(condition.of)} {_COMPARED[condition.op]} {shown}"
        case RfmCell():
            cells = condition.rfm
            named = (("recency", cells.recency), ("frequency", cells.frequency), ("group", cells.group))
            return f"RFM {' and '.join(f'{name} {_listed(one)}' for name, one in named if one) or 'of any cell'}"
        case ContactField():
            name = condition.contact.replace("_", " ")
            if condition.op == "is_set":
                return f"{name} is known"
            word = "contains" if condition.op == "contains" else _COMPARED[condition.op]
            return f"{name} {word} {condition.value!r}"
        case Happened():
            return (
                f"{'there was' if condition.happened else 'there was no'} {condition.event}{_within(condition.within)}"
            )
        case Messaged():
            by = f" by {condition.channel}" if condition.channel else ""
            some = "a message was" if condition.happened else "no message was"
            return f"{some} {condition.message}{by}{_within(condition.within)}"
        case InSegment():
            return f"is in the segment {condition.segment!r}"
    raise TypeError(condition)


def _which(orders: OrderFilter) -> str:
    """What restricts the orders, beside that they are DELIVERED."""
    said = "" if orders.status == OrderFilter().status else f" that are {_listed(orders.status)}"
    for word, value in (
        ("from", orders.source),
        ("of the shop", orders.store),
        ("in", orders.currency),
        ("with the item", orders.item),
        ("with an item of", orders.category),
    ):
        said += f" {word} {value}" if value else ""
    return said + _within(orders.within)


def _within(days: int | None) -> str:
    return "" if days is None else f" in the last {days} days"


def _listed(words: Iterable[object]) -> str:
    return " or ".join(map(str, words))
