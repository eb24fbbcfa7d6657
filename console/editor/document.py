"""Changes of a definition while it is written: pure functions from one document to the next.

A document may be wrong in any way; what is no step is left where it stands. Places are paths, such as
`("steps", 2, "if", "then", 0)`.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

import yaml

from automation.outline import Body, Path, branches, node_at, written_out
from automation.source import read_source

_FIRST = ("name", "id", "start", "stop", "event", "field", "op", "value", "channel", "template", "state")
_LAST = ("where", "cases", "arms", "steps", "then", "else")


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a step can stand: before the step that has this number in this list."""

    steps: Path
    index: int


def read(text: str) -> Body | None:
    """The document that a text says, with short forms written out and ids; None when the text cannot be read."""
    source = read_source(text)
    if source.problems or not isinstance(source.data, dict):
        return None
    try:
        return written_out(source.data)
    except ValueError:
        return None


def write(document: Body) -> str:
    """The document as YAML."""
    return yaml.safe_dump(_plain(document), sort_keys=False, allow_unicode=True, width=100)


def value_at(document: Any, place: Path) -> Any:  # JSON
    """What stands at a place; None when nothing does."""
    for part in place:
        if isinstance(document, dict):
            document = document.get(part)
        elif isinstance(document, list) and isinstance(part, int) and part < len(document):
            document = document[part]
        else:
            return None
    return document


def with_value(document: Body, place: Path, value: Any) -> Body:  # JSON
    """A copy with this value at a place; None takes the key, or the entry of a list, away."""
    copy = deepcopy(document)
    holder: Any = copy  # JSON
    for part, following in pairwise(place):
        if isinstance(holder, dict) and not isinstance(holder.get(part), (dict, list)):
            holder[part] = [] if isinstance(following, int) else {}
        holder = holder[part]
    last = place[-1]
    if value is None and isinstance(holder, dict):
        holder.pop(last, None)
    elif value is None:
        del holder[last]
    elif isinstance(holder, list) and last == len(holder):
        holder.append(value)
    else:
        holder[last] = value
    return copy


def inserted(document: Body, slot: Slot, step: Body) -> Body:
    """A copy with one more step, which has an id of its own."""
    steps = value_at(document, slot.steps)
    entries = list(steps) if isinstance(steps, list) else []
    entries.insert(slot.index, deepcopy(step))
    return written_out(with_value(document, slot.steps, entries))


def removed(document: Body, place: Path) -> Body:
    """A copy without the step at this place, and without those in its branches."""
    return with_value(document, place, None)


def slots(document: Body) -> Iterator[Slot]:
    """Every place where a step can stand, from the top to the bottom of the tree."""
    yield from _slots_of(document.get("steps"), ("steps",))


def moved(document: Body, place: Path, by: int) -> tuple[Body, Path]:
    """A copy with the step one slot higher (-1) or lower (1), into and out of branches; and where it is now."""
    without = removed(document, place)
    found = list(slots(without))
    at = found.index(Slot(place[:-1], _number(place))) + by
    if not 0 <= at < len(found):
        return document, place
    return _put(without, found[at], value_at(document, place))


def dropped(document: Body, place: Path, slot: Slot) -> tuple[Body, Path]:
    """A copy with the step at another slot of this document, and where it is now. Not into itself."""
    if slot.steps[: len(place)] == place or not isinstance(value_at(document, place), dict):
        return document, place
    siblings, number = place[:-1], _number(place)
    if slot.steps == siblings:
        slot = Slot(siblings, slot.index - (slot.index > number))
    elif slot.steps[: len(siblings)] == siblings and _number(slot.steps[: len(place)]) > number:
        deeper = slot.steps[len(place) :]
        slot = Slot((*siblings, _number(slot.steps[: len(place)]) - 1, *deeper), slot.index)
    return _put(removed(document, place), slot, value_at(document, place))


def _put(document: Body, slot: Slot, step: Body) -> tuple[Body, Path]:
    return inserted(document, slot, step), (*slot.steps, slot.index)


def _slots_of(steps: object, path: Path) -> Iterator[Slot]:
    entries = steps if isinstance(steps, list) else []
    for index, step in enumerate(entries):
        yield Slot(path, index)
        node = node_at(step, (*path, index), 1)
        for branch in branches(node) if node else ():
            if not branch.ends:
                yield from _slots_of(branch.steps, branch.path)
    yield Slot(path, len(entries))


def _number(place: Path) -> int:
    last = place[-1]
    return last if isinstance(last, int) else 0


def _plain(value: Any) -> Any:  # JSON
    """Keys in the order in which people write them, numbers as YAML knows them; the database keeps neither."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in sorted(value.items(), key=_rank)}
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def _rank(entry: tuple[object, Any]) -> int:  # JSON
    key = entry[0]
    if key in _FIRST:
        return _FIRST.index(key)
    return len(_FIRST) + 1 + _LAST.index(key) if key in _LAST else len(_FIRST)
