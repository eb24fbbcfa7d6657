"""What a form asks for, read from the Pydantic model of a piece of a definition."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

BRANCHES = frozenset({"then", "else", "default", "steps", "cases", "arms"})
"""What the tree shows rather than a form."""


class Kind(StrEnum):
    """How a setting is asked for."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"
    DAYS = "days"
    EVENTS = "events"
    CONDITION = "condition"
    PAIRS = "pairs"
    PART = "part"


_BY_NAME = {"where": Kind.CONDITION, "params": Kind.PAIRS, "set": Kind.PAIRS}


@dataclass(frozen=True, slots=True)
class Field:
    """One setting. `choices` are its words; with `part` there is a form of its own instead of a word."""

    name: str
    label: str
    help: str
    kind: Kind
    needed: bool = False
    choices: tuple[str, ...] = ()
    default: str = ""
    part: type[BaseModel] | None = None


def fields_of(model: type[BaseModel]) -> Iterator[Field]:
    """The settings of a piece, in the order of the model."""
    for name, info in model.model_fields.items():
        key = info.alias or name
        if key not in BRANCHES:
            yield _field(key, info)


def _field(key: str, info: FieldInfo) -> Field:
    words, part, kind = _alternatives(info.annotation)
    default = info.default if isinstance(info.default, (str, bool)) else ""
    return Field(
        name=key,
        label=key.replace("_", " ").capitalize(),
        help=info.description or "",
        kind=_BY_NAME.get(key, kind),
        needed=info.is_required(),
        choices=words,
        default=str(default),
        part=part,
    )


def _alternatives(annotation: Any) -> tuple[tuple[str, ...], type[BaseModel] | None, Kind]:  # a type of Python
    """Words, form and kind of a type."""
    words: list[str] = []
    part: type[BaseModel] | None = None
    kind = Kind.TEXT
    for each in _flat(annotation):
        if get_origin(each) is Literal:
            words += [str(word) for word in get_args(each)]
            kind = Kind.CHOICE
        elif get_origin(each) is tuple:
            inner = _flat(get_args(each)[0])[0]
            words, kind = _closed(inner), Kind.DAYS if inner is not str else Kind.EVENTS
        elif isinstance(each, type) and issubclass(each, BaseModel):
            part = each
        elif isinstance(each, type) and issubclass(each, Enum):
            words, kind = [str(one.value) for one in each], Kind.CHOICE
        elif each is bool:
            kind = Kind.FLAG
        elif each in (int, float):
            kind = Kind.NUMBER
    return tuple(words), part, Kind.PART if part is not None else kind


def _closed(inner: Any) -> list[str]:  # a type of Python
    """The words that a list may hold; none when it may hold any."""
    if get_origin(inner) is Literal:
        return [str(word) for word in get_args(inner)]
    return [str(one.value) for one in inner] if isinstance(inner, type) and issubclass(inner, Enum) else []


def _flat(annotation: Any) -> list[Any]:  # types of Python
    """The alternatives of a type without what annotates them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _flat(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [one for each in get_args(annotation) for one in _flat(each)]
    return [] if annotation is NoneType else [annotation]
