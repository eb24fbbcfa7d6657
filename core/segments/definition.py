"""The language of dynamic segments: a tree of all, any and not over what is known of a contact."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from core.document import OrderStatus
from core.errors import InvalidError
from core.segments.rfm import GROUPS, GroupName

DEEPEST = 20
LARGEST = 200
_LONGEST = 255

Text = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST, pattern=r"^[^\x00]*$")]
Days = Annotated[int, Field(ge=1, le=3660)]
Comparison = Literal["eq", "ne", "gt", "gte", "lt", "lte"]


class Part(BaseModel):
    """Base of every part: nothing unknown, nothing changes."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,  # the published schema and the forms of the console tell them
    )


class OrderFilter(Part):
    """Which orders count. By default the DELIVERED ones, in the account's currency where money is asked for."""

    status: tuple[OrderStatus, ...] = Field((OrderStatus.DELIVERED,), min_length=1, max_length=len(OrderStatus))
    """Only orders that are in one of these now. None chosen: DELIVERED."""
    source: Literal["online", "offline"] | None = None
    """Only orders of this source."""
    store: Text | None = None
    """storeId: only orders of this shop."""
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    """Only orders in it, such as EUR."""
    item: Text | None = None
    """externalItemId of an item that is in the order."""
    category: Text | None = None
    """Category of an item that is in the order."""
    within: Days | None = None
    """Of so many days up to now."""


class OrderFigure(Part):
    """A figure of a contact's orders: `{ orders: average, op: gte, value: 500, of: { within: 90 } }`."""

    orders: Literal["count", "sum", "average", "first_date", "last_date", "days_since_first", "days_since_last"]
    """Which figure of them."""
    op: Comparison
    """How it compares."""
    value: Annotated[Decimal, Field(ge=0, le=Decimal(10) ** 15)] | date
    """A number; for first_date and last_date a day such as 2026-01-31."""
    of: OrderFilter = OrderFilter()
    """Which orders count."""

    @model_validator(mode="after")
    def _same_kind(self) -> "OrderFigure":
        if self.orders.endswith("_date") != isinstance(self.value, date):
            raise PydanticCustomError("value", "first_date and last_date compare with a date, the others with a number")
        return self


class RfmCell(Part):
    """Cells of the grid, by number: `{ rfm: { recency: [5, 6], frequency: [2, 3] } }`; one that is left out is any.

    Or named groups of the scores, `{ rfm: { group: [at_risk, lost] } }`: of whom an order was DELIVERED.
    """

    class Cells(Part):
        """Numbers of rows and columns; 0 is never."""

        recency: tuple[Annotated[int, Field(ge=0, le=20)], ...] = Field((), max_length=21)
        """Numbers of rows, by commas: 0 is never, 1 the most recent. Empty: any."""
        frequency: tuple[Annotated[int, Field(ge=0, le=20)], ...] = Field((), max_length=21)
        """Numbers of columns, by commas: 0 is no order. Empty: any."""
        group: tuple[GroupName, ...] = Field((), max_length=len(GROUPS))
        """Named groups of the scores. None: any."""

    rfm: Cells
    """Which cells or groups."""


class ContactField(Part):
    """A field of the contact: `{ contact: language, op: eq, value: uk }`, the shop's own ones as `fields.<id>`."""

    contact: Annotated[
        str,
        StringConstraints(
            pattern=r"^(first_name|last_name|language|time_zone|source|email|phone|external_customer_id"
            r"|fields\.[\w.-]{1,100})$"
        ),
    ]
    """first_name, last_name, language, time_zone, source, or fields.ID for a field of the shop's own."""
    op: Literal["eq", "ne", "contains", "is_set"]
    """How it compares."""
    value: Text | None = None
    """With what; empty for is_set."""

    @model_validator(mode="after")
    def _a_value(self) -> "ContactField":
        if (self.op == "is_set") != (self.value is None):
            raise PydanticCustomError("value", "is_set has no value, every other comparison has one")
        return self


class Happened(Part):
    """An event of the contact: `{ event: orderCANCELLED, within: 30 }`, or none with `happened: false`."""

    event: Text
    """Type of the event, such as orderCANCELLED."""
    happened: bool = True
    """Whether there was one, or none."""
    within: Days | None = None
    """In so many days up to now."""


class Messaged(Part):
    """A message to the contact that came so far: `{ message: opened, within: 90, happened: false }`."""

    message: Literal["sent", "delivered", "opened", "clicked"]
    """How far a message came at least."""
    happened: bool = True
    """Whether there was one, or none."""
    within: Days | None = None
    """Days since it was sent."""
    channel: Text | None = None
    """Only by this channel, such as email."""


class InSegment(Part):
    """A member of another segment."""

    segment: Text
    """Its name."""


class AllOf(Part):
    """Every one holds."""

    all: tuple["Condition", ...] = Field(min_length=1, max_length=LARGEST)


class AnyOf(Part):
    """At least one holds."""

    any: tuple["Condition", ...] = Field(min_length=1, max_length=LARGEST)


class Not(Part):
    """It does not hold."""

    not_: "Condition" = Field(alias="not")


LEAVES: Mapping[str, type[Part]] = {
    "orders": OrderFigure,
    "rfm": RfmCell,
    "contact": ContactField,
    "event": Happened,
    "message": Messaged,
    "segment": InSegment,
}
"""What a tree asks about a contact, by the key that tells it."""
_KINDS = ("all", "any", "not", *LEAVES)


def _kind(value: object) -> str | None:
    if isinstance(value, Mapping):
        return next((f"({name})" for name in _KINDS if name in value), None)
    fields = type(value).model_fields if isinstance(value, BaseModel) else {}
    return next((f"({name})" for name in _KINDS if name in fields or f"{name}_" in fields), None)


Condition = Annotated[
    Annotated[AllOf, Tag("(all)")]
    | Annotated[AnyOf, Tag("(any)")]
    | Annotated[Not, Tag("(not)")]
    | Annotated[OrderFigure, Tag("(orders)")]
    | Annotated[RfmCell, Tag("(rfm)")]
    | Annotated[ContactField, Tag("(contact)")]
    | Annotated[Happened, Tag("(event)")]
    | Annotated[Messaged, Tag("(message)")]
    | Annotated[InSegment, Tag("(segment)")],
    Discriminator(_kind, custom_error_type="condition", custom_error_message=f"has none of {', '.join(_KINDS)}"),
]

for _model in (AllOf, AnyOf, Not):
    _model.model_rebuild()
_CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)


def read_condition(document: object) -> Condition:
    """The condition that a JSON document says. Raises InvalidError with the place in the tree."""
    _bounded(document)
    try:
        return _CONDITION.validate_python(document, strict=False)
    except ValidationError as error:
        place, said = _told(error)[0]
        raise InvalidError(f"{place or 'definition'}: {said}", field=place or "definition") from None


def condition_faults(document: object) -> list[tuple[str, str]]:
    """Everything that keeps a document from being a condition: the place in the tree, and what is wrong."""
    try:
        _bounded(document)
        _CONDITION.validate_python(document, strict=False)
    except InvalidError as error:
        return [(error.field or "", str(error))]
    except ValidationError as error:
        return _told(error)
    return []


def _told(error: ValidationError) -> list[tuple[str, str]]:
    found = error.errors()
    # a group whose only condition is wrong counts as empty too
    shown = [one for one in found if one["type"] != "too_short"] or found
    return [(".".join(str(part) for part in one["loc"] if not str(part).startswith("(")), one["msg"]) for one in shown]


def condition_json(condition: Condition) -> dict[str, Any]:  # Any: JSON
    """As it is stored."""
    document: dict[str, Any] = _CONDITION.dump_python(condition, mode="json", by_alias=True, exclude_defaults=True)
    return document


def condition_schema() -> dict[str, Any]:  # Any: JSON
    """JSON Schema of the language."""
    return _CONDITION.json_schema()


def _bounded(document: object) -> None:
    """Refuse what is too deep or too large before anything walks down into it."""
    level, seen = [(document, "")], 0
    for _ in range(DEEPEST):
        below: list[tuple[object, str]] = []
        for node, place in level:
            if isinstance(node, Mapping):
                seen += 1
                for name in ("all", "any"):
                    branch = node.get(name)
                    if isinstance(branch, list | tuple):
                        below += [(each, f"{place}{name}.{n}.") for n, each in enumerate(branch)]
                if "not" in node:
                    below.append((node["not"], f"{place}not."))
        if seen > LARGEST:
            raise InvalidError(f"a segment has at most {LARGEST} conditions", field=level[0][1].rstrip("."))
        if not below:
            return
        level = below
    raise InvalidError(f"a segment is at most {DEEPEST} levels deep", field=level[0][1].rstrip("."))
