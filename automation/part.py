"""The base of every piece of a definition, and the small text types that they share."""

from decimal import Decimal
from math import isfinite
from typing import Annotated, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

AUTHORED = "authored"
"""Key of the validation context of documents that come from an author, and not from the database."""


class Part(BaseModel):
    """A frozen piece of a definition. Unknown keys are errors; a key that is a Python word has an alias."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        str_strip_whitespace=False,
        ser_json_inf_nan="constants",
        use_attribute_docstrings=True,  # the published schema and the forms of the console tell them
    )


def _as_list(value: object) -> object:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, (list, tuple)):
        return value
    raise PydanticCustomError("events", "write an event type, or a list of them")


StepId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
"""What a step is called in its automation. It is a part of field paths, so it has no dots."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
"""The name of a template, a segment, an arm or a case."""

ChannelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]

EventType = Annotated[str, StringConstraints(min_length=1, max_length=100)]

EventTypes = Annotated[tuple[EventType, ...], BeforeValidator(_as_list, json_schema_input_type=str | list[str])]
"""One event type or a list of them."""

MAX_TEXT_VALUE = 1000
"""Characters of a value in a definition."""
MAX_VALUES = 1000
"""Entries of a list of values."""


def _scalar(value: object) -> bool | int | float | str:
    if isinstance(value, Decimal):  # as stored JSON is read
        value = float(value)
    if isinstance(value, (bool, int)) or (isinstance(value, float) and isfinite(value)):
        return value
    if isinstance(value, str) and len(value) <= MAX_TEXT_VALUE:
        return value
    raise PydanticCustomError("scalar", "a value is text of at most 1000 characters, a number, true or false")


def _value(value: object) -> bool | int | float | str | tuple[bool | int | float | str, ...]:
    if not isinstance(value, (list, tuple)):
        return _scalar(value)
    if not 1 <= len(value) <= MAX_VALUES:
        raise PydanticCustomError("values", "a list has 1 to 1000 values")
    return tuple(map(_scalar, value))


def _plain_value(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


_SCALAR_SCHEMA = {"type": ["string", "number", "boolean"], "maxLength": MAX_TEXT_VALUE}

Scalar = Annotated[bool | int | float | str, PlainValidator(_scalar), WithJsonSchema(_SCALAR_SCHEMA)]
"""A value in a definition."""

Values: TypeAlias = Annotated[
    bool | int | float | str | tuple[bool | int | float | str, ...],
    PlainValidator(_value),
    PlainSerializer(_plain_value),
    WithJsonSchema(
        {"anyOf": [_SCALAR_SCHEMA, {"type": "array", "items": _SCALAR_SCHEMA, "minItems": 1, "maxItems": MAX_VALUES}]}
    ),
]
"""A value, or a list of them."""
