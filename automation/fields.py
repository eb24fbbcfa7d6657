"""Field paths such as `order.totalCost`: which are known, and how they are read from facts.

*Facts* are what conditions and templates see, plain and JSON-like: `order`, `event`, `contact`, `run` and
`steps` (outcome of each earlier step, by its id). Money is Decimal or int, moments are ISO 8601 text.
"""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, Field, ValidationInfo

from automation.part import AUTHORED
from automation.problems import did_you_mean
from core.document import ITEM_FIELDS, ORDER_FIELDS

Facts: TypeAlias = Mapping[str, Any]  # JSON-like, of any depth

ROOTS = ("order", "event", "contact", "run", "steps")
RUN_FIELDS = frozenset({"id", "startedAt", "test", "now", "zone"})
CONTACT_FIELDS = frozenset(
    {"id", "externalCustomerId", "email", "phone", "firstName", "lastName", "language", "timeZone", "fields",
     "createdAt"}
)  # fmt: skip
_KNOWN = {"order": frozenset(ORDER_FIELDS.values()), "run": RUN_FIELDS}
_KNOWN_TO_AUTHORS = {"contact": CONTACT_FIELDS, "item": ITEM_FIELDS}
"""Asked of what is written now; versions of before, which runs hold, may name anything there."""
_OWN = {
    "order": "; what a shop adds of its own is in order.extra and order.additionalInfo",
    "contact": "; fields of your own are in contact.fields",
    "item": "; what a shop adds of its own is in item.extra",
}

_PATH = re.compile(r"[A-Za-z]\w*(\.[\w-]+)+", re.ASCII)


def _path(path: str, info: ValidationInfo) -> str:
    """The path itself. Raises ValueError with the remedy when it can never be found in facts."""
    return _check(path, ROOTS, info)


def _item_path(path: str, info: ValidationInfo) -> str:
    """The same in a condition over items, where `item` is the item looked at."""
    return _check(path, (*ROOTS, "item"), info)


def _check(path: str, roots: tuple[str, ...], info: ValidationInfo) -> str:
    if not _PATH.fullmatch(path):
        raise ValueError(f"{path!r} is not a field; write a path such as order.totalCost or event.status")
    root, name, *deeper = path.split(".")
    if root not in roots:
        raise ValueError(f"unknown field {path!r}: {did_you_mean(root, roots)}")
    authored = bool(info.context and info.context.get(AUTHORED))
    known = _KNOWN.get(root) or (_KNOWN_TO_AUTHORS.get(root) if authored else None)
    if known is not None and name not in known:
        remedy = f"{did_you_mean(name, known)}{_OWN.get(root, '')}"
        raise ValueError(f"unknown field {path!r}: {root} has no {name!r}, {remedy}")
    if root == "order" and name == "items" and deeper:
        raise ValueError(f"{path!r} looks into a list; write a condition with items: any, all, count or sum")
    return path


FieldPath = Annotated[str, Field(max_length=200), AfterValidator(_path)]
ItemPath = Annotated[str, Field(max_length=200), AfterValidator(_item_path)]

_DATES = frozenset({"order.date", "order.statusDate", "contact.createdAt", "run.startedAt", "run.now"})
_FIXED = frozenset({"order", "contact", "run"})


def may_hold_date(path: str) -> bool:
    """Whether a date can be found at a known path: of the fields that have a name only some are dates."""
    root, _, name = path.partition(".")
    return root not in _FIXED or "." in name or path in _DATES


Getter: TypeAlias = Callable[[Facts], Any]  # whatever the facts hold there; None when nothing


def getter(path: str) -> Getter:
    """A function that reads the path from facts; None stands for missing, anywhere on the way."""
    parts = path.split(".")
    root, name = parts[:2]
    if len(parts) > 2:  # noqa: PLR2004 - deeper than `order.totalCost`
        return _deep_getter(tuple(parts))

    def get(facts: Facts) -> Any:  # whatever the facts hold there
        try:
            return facts[root][name]
        except (KeyError, TypeError, IndexError):
            return None

    return get


def _deep_getter(parts: tuple[str, ...]) -> Getter:
    def get(facts: Facts) -> Any:  # whatever the facts hold there
        value: Any = facts  # goes down through mappings
        try:
            for part in parts:
                value = value[part]
        except (KeyError, TypeError, IndexError):
            return None
        return value

    return get
