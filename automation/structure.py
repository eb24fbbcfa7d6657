"""What has to be right between the steps of a document: ids, order, reach, size.

Works on a document that is written out, whether or not the single steps are right.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from automation.outline import MAX_DEPTH, Body, Branch, Node, Path, branches, node_at, walk
from automation.problems import did_you_mean

MAX_STEPS = 200


class Fault(NamedTuple):
    """A problem and where it is."""

    path: Path
    message: str


def faults(document: Body) -> list[Fault]:
    """Everything that is wrong between steps."""
    nodes = list(walk(document.get("steps")))
    found = [*_size(document, nodes), *_same_names(nodes), *_unreachable(document.get("steps"))]
    found += _references(nodes)
    for key in ("start", "stop"):
        found += _item_fields(document.get(key), (key,), inside=False)
        found += _no_steps_yet(document.get(key), (key,))
    return found


def _size(document: Body, nodes: list[Node]) -> Iterator[Fault]:
    if document.get("steps") == []:
        yield Fault(("steps",), "an automation has at least one step")
    if len(nodes) > MAX_STEPS:
        yield Fault(nodes[MAX_STEPS].path, f"an automation has at most {MAX_STEPS} steps; this one has {len(nodes)}")
    deep = next((node for node in nodes if node.depth > MAX_DEPTH), None)
    if deep is not None:
        yield Fault(deep.path, f"steps stand within steps at most {MAX_DEPTH} levels deep")


def _same_names(nodes: list[Node]) -> Iterator[Fault]:
    seen: dict[str, Path] = {}
    for node in nodes:
        name = node.body.get("id")
        if isinstance(name, str) and name in seen:
            yield Fault((*node.path, "id"), f"the id {name!r} is taken by an earlier step; give this one another")
        elif isinstance(name, str):
            seen[name] = node.path
        for key in ("cases", "arms"):
            yield from _same_ways(node, key)


def _same_ways(node: Node, key: str) -> Iterator[Fault]:
    seen = {"default"} if key == "cases" else set()
    ways = node.body.get(key)
    for index, way in enumerate(ways if isinstance(ways, list) else ()):
        name = way.get("name") if isinstance(way, dict) else None
        if isinstance(name, str) and name in seen:
            yield Fault((*node.path, key, index, "name"), f"the name {name!r} is taken here; give this one another")
        elif isinstance(name, str):
            seen.add(name)


def _unreachable(steps: object) -> list[Fault]:
    found: list[Fault] = []
    _ends(steps, ("steps",), 1, found)
    return found


def _ends(steps: object, path: Path, depth: int, found: list[Fault]) -> bool:
    """Whether no run comes out at the end of these steps; adds the first step that none reaches."""
    ended_by = ""
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        node = node_at(step, (*path, index), depth)
        if node is None:
            continue
        if ended_by:
            found.append(Fault(node.path, f"no run reaches this step: {ended_by} ends each before it"))
            return True
        if node.kind == "stop":
            ended_by = "the stop above"
        elif depth <= MAX_DEPTH:
            ways = branches(node)
            ends = [_way_ends(way, depth, found) for way in ways]
            if ways and all(ends):
                ended_by = f"every way through the {node.kind} above"
    return bool(ended_by)


def _way_ends(way: Branch, depth: int, found: list[Fault]) -> bool:
    return _ends(way.steps, way.path, depth + 1, found) or way.ends


def _references(nodes: list[Node]) -> Iterator[Fault]:
    """Steps that name other steps: those have to exist and to come before."""
    before: dict[str, str] = {}
    names = {node.body["id"] for node in nodes if isinstance(node.body.get("id"), str)}
    for node in nodes:
        sends = [name for name, kind in before.items() if kind == "send"]
        if node.kind == "check_message":
            message = node.body.get("message")
            if isinstance(message, str) and message not in sends:
                yield Fault((*node.path, "message"), f"no earlier send is called {message!r}; {_known(message, sends)}")
            elif message is None and not sends:
                yield Fault(node.path, "there is no send before this step")
        for path, field in _fields(node.body.get("where"), (*node.path, "where")):
            yield from _later_step(path, field, before, names)
        if isinstance(until := node.body.get("until"), str):
            yield from _later_step((*node.path, "until"), until, before, names)
        yield from _item_fields(node.body.get("where"), (*node.path, "where"), inside=False)
        cases = node.body.get("cases")
        for index, case in enumerate(cases if isinstance(cases, list) else ()):
            where, place = case.get("where") if isinstance(case, dict) else None, (*node.path, "cases", index, "where")
            for path, field in _fields(where, place):
                yield from _later_step(path, field, before, names)
            yield from _item_fields(where, place, inside=False)
        if isinstance(node.body.get("id"), str):
            before[node.body["id"]] = node.kind


def _no_steps_yet(part: object, path: Path) -> Iterator[Fault]:
    for place, field in _fields(part, path):
        if field.startswith("steps."):
            yield Fault(
                place, f"{field!r} is of a run's steps; a start or stop rule sees order, event, contact and run"
            )


def _later_step(path: Path, field: str, before: dict[str, str], names: set[str]) -> Iterator[Fault]:
    root, _, rest = field.partition(".")
    step = rest.partition(".")[0]
    if root != "steps" or step in before:
        return
    if step in names:
        yield Fault(path, f"the step {step!r} does not come before this one")
    else:
        yield Fault(path, f"there is no step {step!r}; {did_you_mean(step, before)}")


def _known(name: str, sends: list[str]) -> str:
    return did_you_mean(name, sends) if sends else "there is no send before this step"


def _fields(where: Any, path: Path) -> Iterator[tuple[Path, str]]:  # whatever the document holds
    if isinstance(where, dict):
        for key, value in where.items():
            if key in ("field", "of") and isinstance(value, str):
                yield (*path, key), value
            elif key != "value":
                yield from _fields(value, (*path, key))
    elif isinstance(where, list):
        for index, each in enumerate(where):
            yield from _fields(each, (*path, index))


def _item_fields(part: Any, path: Path, *, inside: bool) -> Iterator[Fault]:  # whatever the document holds
    """`item.*` belongs into a condition over items."""
    if isinstance(part, dict):
        within = inside or "items" in part
        for key, value in part.items():
            if key in ("field", "of") and isinstance(value, str) and value.startswith("item.") and not within:
                yield Fault((*path, key), f"{value!r} stands outside of a condition with items: any, all, count or sum")
            elif key != "value":
                yield from _item_fields(value, (*path, key), inside=within)
    elif isinstance(part, list):
        for index, each in enumerate(part):
            yield from _item_fields(each, (*path, index), inside=inside)
