"""What conditions mean: compiled once, then asked of facts, with the condition and value that decided."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from automation.comparison import Test, as_number, comparison
from automation.condition import AllCondition, AnyCondition, Condition, FieldCondition, ItemsCondition, NotCondition, Op
from automation.fields import Facts, getter
from automation.phrases import because_sentence, describe

MAX_SHOWN = 200
"""Characters of a value that a reason keeps."""
MAX_LISTED = 20
"""Entries of a list that a reason keeps."""

__all__ = [
    "Because",
    "Check",
    "Condition",
    "Facts",
    "Op",
    "Verdict",
    "compile_condition",
    "describe",
    "evaluate",
    "sentence",
]


class Because(NamedTuple):
    """The condition that decided, and the value that it looked at."""

    place: str
    """Where it stands in the definition, such as `start.where.all[0]`."""
    field: str
    op: str
    expected: Any  # a scalar, a tuple of them, or None
    actual: Any  # what the facts hold; None when missing
    negated: bool = False
    """Whether it stands inside `not`."""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON; long values are cut. Written out, because deciding makes tens of thousands of them a second."""
        values = {
            "place": self.place,
            "field": self.field,
            "op": self.op,
            "expected": _plain(self.expected),
            "actual": _plain(self.actual),
        }
        if self.negated:
            values["negated"] = True
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Because":
        """Read what as_json wrote."""
        return cls(**values)


class Verdict(NamedTuple):
    """Whether a condition held, and what decided."""

    held: bool
    because: Because


Check: TypeAlias = Callable[[Facts], Verdict]
"""A compiled condition."""


def evaluate(condition: Condition, facts: Facts) -> Verdict:
    """Whether the condition holds. Missing fields are no errors: only `is_empty` holds on them.

    To ask the same condition of many facts, compile it once.
    """
    return compile_condition(condition, "where")(facts)


def sentence(because: Because) -> str:
    """What decided, for a marketer: "totalCost is 12, the rule asks for at least 20"."""
    return because_sentence(because.field, because.op, because.expected, because.actual, negated=because.negated)


def compile_condition(condition: Condition, place: str = "where") -> Check:
    """The function that asks the condition; `place` is where it stands in its definition."""
    return _compile(condition, place, negated=False)


def _compile(condition: Condition, place: str, *, negated: bool) -> Check:
    match condition:
        case AllCondition():
            return _first(condition.all, f"{place}.all", stops_at=False, negated=negated)
        case AnyCondition():
            return _first(condition.any, f"{place}.any", stops_at=True, negated=negated)
        case NotCondition():
            return _inverse(_compile(condition.not_, f"{place}.not", negated=not negated))
        case ItemsCondition():
            return _items(condition, place, negated=negated)
        case FieldCondition():
            return _field(condition, place, negated=negated)


def _first(conditions: tuple[Condition, ...], place: str, *, stops_at: bool, negated: bool) -> Check:
    """Asks one after the other until one gives `stops_at`; the last one asked decides."""
    checks = tuple(_compile(each, f"{place}[{index}]", negated=negated) for index, each in enumerate(conditions))
    *early, last = checks
    if not early:
        return last

    def check(facts: Facts) -> Verdict:
        for each in early:
            verdict = each(facts)
            if verdict.held is stops_at:
                return verdict
        return last(facts)

    return check


def _inverse(inner: Check) -> Check:
    def check(facts: Facts) -> Verdict:
        held, because = inner(facts)
        return Verdict(not held, because)

    return check


def _field(condition: FieldCondition, place: str, *, negated: bool) -> Check:
    field, op, expected = condition.field, str(condition.op), condition.value
    get = getter(field)
    test = comparison(condition.op, expected, condition.of)

    def check(facts: Facts) -> Verdict:
        actual = get(facts)
        return Verdict(test(actual, facts), Because(place, field, op, expected, actual, negated))

    return check


def _items(condition: ItemsCondition, place: str, *, negated: bool) -> Check:
    where = _compile(condition.where, f"{place}.where", negated=negated) if condition.where else None
    wanted = describe(condition.where) if condition.where else ""
    look, get = condition.items, getter(condition.of or "item.quantity")
    test: Test | None = comparison(condition.op, condition.value) if condition.op else None
    op = str(condition.op) if test else look
    field = {"any": "order.items", "all": "order.items", "count": "number of items", "sum": f"sum of {condition.of}"}[
        look
    ]
    if wanted and test:
        field = f"{field} ({wanted})"
    expected = condition.value if test else wanted

    def check(facts: Facts) -> Verdict:
        order = facts.get("order")
        found = order.get("items") if order else None
        items = found if isinstance(found, (list, tuple)) else ()
        chosen = [item for item in items if where is None or where({**facts, "item": item}).held]
        actual: Any  # a number, or a phrase
        if look == "any":
            held, actual = bool(chosen), f"{len(chosen)} of {len(items)}"
        elif look == "all":
            held, actual = bool(items) and len(chosen) == len(items), f"{len(chosen)} of {len(items)}"
        else:
            actual = len(chosen) if look == "count" else _sum(get({"item": item}) for item in chosen)
            held = test is not None and test(actual, facts)
        return Verdict(held, Because(place, field, op, expected, actual, negated))

    return check


def _sum(values: Iterable[object]) -> Decimal | int:
    """Exact; what is not a number adds nothing."""
    return sum((number for number in map(as_number, values) if number is not None), 0)


def _plain(value: object) -> object:
    """The value in JSON; money becomes a number, long text and lists are cut."""
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, str):
        return value if len(value) <= MAX_SHOWN else f"{value[:MAX_SHOWN]}…"
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value[:MAX_LISTED]]
    return _plain(str(value))
