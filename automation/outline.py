"""The shape of a document's steps before anything is known to be right: walking them and naming them.

It works on plain data and steps over what it does not understand, so that every problem can be told at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeGuard

Path: TypeAlias = tuple[str | int, ...]
"""Where something stands in the document."""
Body: TypeAlias = dict[str, Any]  # the settings of a step, as the document has them

MAX_DEPTH = 20
"""Levels of steps within steps."""
MAX_NESTING = 200
"""Lists and mappings within each other; 20 levels of steps with their conditions stay below."""


@dataclass(frozen=True, slots=True)
class Node:
    """A step of the document."""

    kind: str
    body: Body
    path: Path
    """Of the settings, the kind included: `("steps", 0, "send")`."""
    depth: int
    """1 for the steps of the automation itself."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A list of steps within a step."""

    steps: list[Any]  # whatever the document holds
    path: Path
    ends: bool = False
    """Whether the run ends at the end of this branch (a holdout arm)."""


def branches(node: Node) -> tuple[Branch, ...]:
    """The ways through a step, also the empty ones; none for a step that has no ways."""
    body, path = node.body, node.path
    match node.kind:
        case "if" | "wait_for" | "check_message":
            return tuple(Branch(_list(body.get(key)), (*path, key)) for key in ("then", "else"))
        case "switch":
            cases = enumerate(_list(body.get("cases")))
            ways = [Branch(_list(each.get("then")), (*path, "cases", i, "then")) for i, each in cases if _is_body(each)]
            return (*ways, Branch(_list(body.get("default")), (*path, "default")))
        case "split":
            return tuple(
                Branch(_list(arm.get("steps")), (*path, "arms", i, "steps"), ends=arm.get("holdout") is True)
                for i, arm in enumerate(_list(body.get("arms")))
                if _is_body(arm)
            )
    return ()


def node_at(step: object, path: Path, depth: int) -> Node | None:
    """The step of an entry in a list of steps; None when it is none."""
    if not _is_body(step) or len(step) != 1:
        return None
    kind, body = next(iter(step.items()))
    return Node(str(kind), body, (*path, kind), depth) if _is_body(body) else None


def walk(steps: object, path: Path = ("steps",), depth: int = 1) -> Iterator[Node]:
    """Every step in the order of the document, down to one level deeper than is allowed."""
    for index, step in enumerate(_list(steps)):
        node = node_at(step, (*path, index), depth)
        if node is None:
            continue
        yield node
        if depth <= MAX_DEPTH:
            for branch in branches(node):
                yield from walk(branch.steps, branch.path, depth + 1)


def written_out(document: Body) -> Body:
    """A copy with short forms written out, an id for every step, and a name for every case and arm.

    A derived id is the kind and its number among the steps of that kind, such as `send-2`: it stays while steps
    of other kinds come and go. What the author named is never touched. Raises ValueError when the document is nested
    too deep or holds text that cannot be stored.
    """
    copy: Body = _copy(document)
    _write_out(copy.get("steps"), ("steps",), 1)
    nodes = list(walk(copy.get("steps")))
    taken = {node.body["id"] for node in nodes if isinstance(node.body.get("id"), str)}
    numbers: dict[str, int] = {}
    for node in nodes:
        numbers[node.kind] = numbers.get(node.kind, 0) + 1
        if node.body.get("id") is None:
            node.body["id"] = _free(node.kind.replace("_", "-"), numbers[node.kind], taken)
        for key, word in (("cases", "case"), ("arms", "arm")):
            for index, way in enumerate(_list(node.body.get(key)), 1):
                if _is_body(way) and way.get("name") is None:
                    way["name"] = f"{word}-{index}"
    return copy


def _free(word: str, number: int, taken: set[str]) -> str:
    while f"{word}-{number}" in taken:
        number += 1
    taken.add(f"{word}-{number}")
    return f"{word}-{number}"


def _write_out(steps: object, path: Path, depth: int) -> None:
    entries = _list(steps)
    for index, step in enumerate(entries):
        entries[index] = _long_form(step)
        node = node_at(entries[index], (*path, index), depth)
        if node is not None and depth <= MAX_DEPTH:
            for branch in branches(node):
                _write_out(branch.steps, branch.path, depth + 1)


def _long_form(step: Any) -> Any:  # whatever the document holds
    """`get_order:`, `wait: 10d` and `get_order: { id: "${orderId}" }` in full."""
    if not _is_body(step) or len(step) != 1:
        return step
    kind, body = next(iter(step.items()))
    if body is None:
        return {kind: {}}
    if kind == "wait" and isinstance(body, str):
        return {kind: {"for": body}}
    if kind == "get_order" and _is_body(body) and "${" in str(body.get("id")):
        return {kind: {"order_id" if key == "id" else key: value for key, value in body.items()}}
    return step


def _copy(value: Any, depth: int = 0) -> Any:  # whatever the document holds
    if isinstance(value, str) and "\0" in value:
        raise ValueError("text with a NUL character cannot be stored; take it out")
    if depth > MAX_NESTING:
        raise ValueError(f"lists and mappings stand within each other more than {MAX_NESTING} deep")
    if isinstance(value, dict):
        return {key: _copy(each, depth + 1) for key, each in value.items()}
    return [_copy(each, depth + 1) for each in value] if isinstance(value, (list, tuple)) else value


def _is_body(value: object) -> TypeGuard[Body]:
    return isinstance(value, dict)


def _list(value: object) -> list[Any]:  # whatever the document holds
    return value if isinstance(value, list) else []
