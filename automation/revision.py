"""Two versions of an automation side by side: what changed, and who can go on in the newer one."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from automation.flow import Flow
from automation.model import Definition, definition_json
from automation.outline import Node, walk
from automation.picture import says

_BRANCHES = frozenset({"then", "else", "default", "steps"})


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `step` is the step's id; None for what stands outside of the steps."""

    change: Literal["added", "removed", "changed", "moved"]
    place: str
    """`start.where`, `stop`, or `steps.<id>` with the setting behind it."""
    sentence: str
    step: str | None = None
    before: Any = None  # JSON of the setting
    after: Any = None  # JSON of the setting


def changes(old: Definition | None, new: Definition) -> tuple[Change, ...]:
    """What differs, in the order of the newer document; what was removed comes last. None is an empty automation."""
    if old is None:
        return tuple(Change("added", f"steps.{one.id}", f"{one.id}: {says(one)}", one.id) for one in _steps(new))
    return tuple(_differences(old, new))


def goes_on(old: Flow, new: Flow, step_id: str | None) -> bool:
    """Whether a run at this step of the old version can go on there in the new one: same id, same kind of step.

    None is a run that has not begun.
    """
    if step_id is None:
        return True
    before, after = old.steps.get(step_id), new.steps.get(step_id)
    return after is not None and before is not None and before.kind == after.kind


def _differences(old: Definition, new: Definition) -> Iterator[Change]:
    before, after = definition_json(old), definition_json(new)
    for key in ("name", "start", "stop"):
        yield from _settings(before.get(key), after.get(key), key, None)
    was, now = _bodies(before), _bodies(after)
    moved = _moved(list(was), list(now))
    known = {step.id: says(step) for definition in (old, new) for step in _steps(definition)}
    for step_id, node in now.items():
        place = f"steps.{step_id}"
        if step_id not in was:
            yield Change("added", place, f"{step_id} added: {known[step_id]}", step_id, after=node.body)
            continue
        if node.kind != was[step_id].kind:
            sentence = f"{step_id}: {was[step_id].kind} became {node.kind}"
            yield Change("changed", place, sentence, step_id, was[step_id].body, node.body)
            continue
        yield from _settings(was[step_id].body, node.body, place, step_id)
        if step_id in moved:
            yield Change("moved", place, f"{step_id} stands at another place", step_id)
    for step_id, node in was.items():
        if step_id not in now:
            yield Change("removed", f"steps.{step_id}", f"{step_id} removed", step_id, before=node.body)


def _settings(before: Any, after: Any, place: str, step: str | None) -> Iterator[Change]:  # Any: JSON
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from _settings(before.get(key), after.get(key), f"{place}.{key}", step)
    elif before != after:
        words = f"{place.removeprefix('steps.')}: {_shown(before)} → {_shown(after)}"
        yield Change("changed", place, words, step, before, after)


def _bodies(document: dict[str, Any]) -> dict[str, Node]:  # Any: JSON
    """Every step by its id, without the steps within it."""
    return {
        str(node.body["id"]): Node(node.kind, _without_steps(node.body), node.path, node.depth)
        for node in walk(document["steps"])
    }


def _without_steps(body: Any) -> Any:  # Any: JSON
    if isinstance(body, dict):
        return {key: _without_steps(value) for key, value in body.items() if key not in _BRANCHES and key != "id"}
    return [_without_steps(each) for each in body] if isinstance(body, list) else body


def _moved(was: list[str], now: list[str]) -> frozenset[str]:
    """Steps of both that stand in another order."""
    old, new = [one for one in was if one in now], [one for one in now if one in was]
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    kept = {one for block in blocks for one in old[block.a : block.a + block.size]}
    return frozenset(one for one in new if one not in kept)


def _steps(definition: Definition) -> list[Any]:  # steps of any kind
    return list(Flow(definition).steps.values())


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return ", ".join(map(_shown, value)) or "nothing"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_shown(each)}" for key, each in value.items()) + "}"
    return str(value)
