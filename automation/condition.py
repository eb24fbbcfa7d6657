"""Conditions as an author writes them. What they mean on facts is in `conditions`."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from automation.durations import Duration
from automation.fields import ItemPath
from automation.moments import read_moment
from automation.part import Part, Values
from automation.patterns import compile_error


class Op(StrEnum):
    """How a field is compared with a value."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    IN = "in"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    MATCHES = "matches"
    IS_SET = "is_set"
    IS_EMPTY = "is_empty"
    BEFORE = "before"
    AFTER = "after"
    WITHIN = "within"


NumberOp = Literal[Op.EQ, Op.NE, Op.GT, Op.GTE, Op.LT, Op.LTE]

_TEXT_OPS = (Op.STARTS_WITH, Op.ENDS_WITH, Op.MATCHES)


class FieldCondition(Part):
    """A field compared with a value: `{ field: order.totalCost, op: gte, value: 20 }`."""

    field: ItemPath
    """What is looked at, such as order.totalCost."""
    op: Op
    """How it is compared."""
    value: Values | None = None
    """With what; in takes a list."""
    of: ItemPath | None = None
    """The moment that `within`, and a duration after `before` or `after`, count from; by default `run.now`."""

    @model_validator(mode="after")
    def _value_fits_op(self) -> Self:
        remedy = _remedy(self)
        if remedy:
            raise PydanticCustomError("value", "{text}", {"text": remedy})
        return self


class ItemsCondition(Part):
    """Looks at the items of the order; inside `where` a field such as `item.category` belongs to the item.

    `any` and `all` ask whether items fulfil `where`; `count` and `sum` compare, over the items that do.
    """

    items: Literal["any", "all", "count", "sum"]
    where: "Condition | None" = None
    of: ItemPath | None = None
    """What `sum` adds up, such as `item.cost`."""
    op: NumberOp | None = None
    value: Annotated[float, Field(allow_inf_nan=False)] | None = None

    @field_validator("of")
    @classmethod
    def _of_item(cls, path: str | None) -> str | None:
        if path is not None and not path.startswith("item."):
            raise ValueError(f"sum adds up a field of each item: write item.{path.rpartition('.')[2]}")
        return path

    @model_validator(mode="after")
    def _keys_fit(self) -> Self:
        compares = self.items in ("count", "sum")
        remedy = ""
        if compares and (self.op is None or self.value is None):
            remedy = f"items: {self.items} needs op and value, such as op: gte, value: 2"
        elif not compares and (self.op is not None or self.value is not None or self.where is None):
            remedy = f"items: {self.items} takes where, and neither op nor value"
        elif (self.items == "sum") != (self.of is not None):
            remedy = "items: sum, and only it, needs of, such as of: item.cost"
        if remedy:
            raise PydanticCustomError("items", "{text}", {"text": remedy})
        return self


class AllCondition(Part):
    """Holds when each of them holds."""

    all: Annotated[tuple["Condition", ...], Field(min_length=1, max_length=100)]


class AnyCondition(Part):
    """Holds when at least one of them holds."""

    any: Annotated[tuple["Condition", ...], Field(min_length=1, max_length=100)]


class NotCondition(Part):
    """Holds when the other does not."""

    not_: "Condition" = Field(alias="not")


CONDITIONS: dict[str, type[Part]] = {
    "field": FieldCondition,
    "items": ItemsCondition,
    "all": AllCondition,
    "any": AnyCondition,
    "not": NotCondition,
}


def condition_tag(value: object) -> str | None:
    """The tag of the condition that a document's mapping, or a model, is."""
    for key, model in CONDITIONS.items():
        if isinstance(value, model) or (isinstance(value, dict) and key in value):
            return f"({key})"  # no key of a document looks like this
    return None


Condition = Annotated[
    Annotated[FieldCondition, Tag("(field)")]
    | Annotated[ItemsCondition, Tag("(items)")]
    | Annotated[AllCondition, Tag("(all)")]
    | Annotated[AnyCondition, Tag("(any)")]
    | Annotated[NotCondition, Tag("(not)")],
    Discriminator(
        condition_tag,
        custom_error_type="condition",
        custom_error_message="a condition is {field, op, value}, or has one of the keys all, any, not or items",
    ),
]
for _model in CONDITIONS.values():
    _model.model_rebuild()


def _remedy(condition: FieldCondition) -> str:  # noqa: PLR0911 - one line a rule
    """What is wrong with the value for this op; empty when nothing is."""
    op, value = condition.op, condition.value
    if condition.of is not None and not (op is Op.WITHIN or (op in (Op.BEFORE, Op.AFTER) and _is_duration(value))):
        return "of belongs to within, and to before and after with a duration"
    if op in (Op.IS_SET, Op.IS_EMPTY):
        return f"{op} takes no value" if value is not None else ""
    if value is None:
        return f"{op} needs a value"
    if (op is Op.IN) != isinstance(value, tuple):
        return "in needs a list, such as value: [DELIVERED, CANCELLED]" if op is Op.IN else f"{op} needs one value"
    if op in (Op.BEFORE, Op.AFTER) and read_moment(value) is None and not _is_duration(value):
        return f"{op} needs a date such as 2026-01-31, a moment with time, or a duration from now such as -30d"
    if op is Op.WITHIN and not (_is_duration(value) and Duration.parse(str(value)).sign > 0):
        return "within needs a duration, such as 30d"
    if op in _TEXT_OPS and not isinstance(value, str):
        return f"{op} needs text; put it in quotes"
    if op in (Op.GT, Op.GTE, Op.LT, Op.LTE) and isinstance(value, bool):
        return f"{op} needs a number, a date or text"
    return compile_error(value) if op is Op.MATCHES and isinstance(value, str) else ""


def _is_duration(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        Duration.parse(value)
    except ValueError:
        return False
    return True
