"""What a definition needs from outside: templates and channels that exist, an order where one is read, free fields."""

from collections.abc import Collection, Mapping

from automation.model import Definition, definition_json
from automation.outline import Node, Path, branches, node_at
from automation.problems import Problem, did_you_mean, place_of
from automation.rules import StopOnUnsubscribe

_IDENTITIES = frozenset({"id", "externalCustomerId", "email", "phone", "createdAt"})


def check(
    definition: Definition,
    *,
    templates: Mapping[str, frozenset[str]] | None = None,
    channels: Collection[str] | None = None,
    segments: Collection[str] | None = None,
) -> tuple[Problem, ...]:
    """Problems with what stands outside of the document, in its order; None skips that check.

    `templates` gives the top-level names that each known template uses: one that uses `order` is refused where a
    run can come without having passed a `get_order`. `definition.located` adds lines and columns.
    """
    found: list[Problem] = []
    start = definition.start.segment
    if start is not None and segments is not None and start not in segments:
        found.append(Problem("start.segment", f"unknown segment {start!r}: {did_you_mean(start, segments)}"))
    if channels is not None:
        found.extend(_unsubscribed(definition, channels))

    def walk(steps: object, path: Path, *, loaded: bool) -> bool:
        """Whether every run that comes out at the end of the steps has loaded an order."""
        for index, step in enumerate(steps if isinstance(steps, list) else ()):
            node = node_at(step, (*path, index), 1)
            if node is None:
                continue
            if node.kind == "send":
                found.extend(_send(node, templates, channels, loaded=loaded))
            if node.kind == "update_contact":
                found.extend(_fixed(node))
            loaded = loaded or node.kind == "get_order"
            ways = branches(node)
            if ways:
                ends = [walk(way.steps, way.path, loaded=loaded) or way.ends for way in ways]
                loaded = all(ends)
            elif node.kind == "stop":
                return True
        return loaded

    walk(definition_json(definition)["steps"], ("steps",), loaded=False)
    return tuple(found)


def _unsubscribed(definition: Definition, channels: Collection[str]) -> list[Problem]:
    return [
        _unknown_channel(("stop", index, "unsubscribed"), rule.unsubscribed, channels)
        for index, rule in enumerate(definition.stop)
        if isinstance(rule, StopOnUnsubscribe) and rule.unsubscribed not in channels
    ]


def _unknown_channel(path: Path, channel: str, channels: Collection[str]) -> Problem:
    return Problem(place_of(path), f"unknown channel {channel!r}: {did_you_mean(channel, channels)}")


def _fixed(node: Node) -> list[Problem]:
    return [
        Problem(place_of((*node.path, "set", name)), f"{name} tells who the contact is; a step cannot set it")
        for name in node.body["set"]
        if name in _IDENTITIES
    ]


def _send(
    node: Node,
    templates: Mapping[str, frozenset[str]] | None,
    channels: Collection[str] | None,
    *,
    loaded: bool,
) -> list[Problem]:
    found: list[Problem] = []
    channel, template = node.body["channel"], node.body["template"]
    if channels is not None and channel not in channels:
        found.append(_unknown_channel((*node.path, "channel"), channel, channels))
    if templates is None:
        return found
    place = place_of((*node.path, "template"))
    if template not in templates:
        found.append(Problem(place, f"unknown template {template!r}: {did_you_mean(template, templates)}"))
    elif not loaded and "order" in templates[template]:
        message = f"the template {template!r} uses order, and a run can come here without get_order; put one before"
        found.append(Problem(place, message))
    return found
