"""Methods that templates of Velocity call, in Liquid."""

import re

from automation.velocity_node import Node, Test, UnknownVelocityError, Value, plain

_NAME = re.compile(r"[A-Za-z_][\w-]*")
_RESERVED = frozenset(
    {"true", "false", "nil", "null", "empty", "blank", "and", "or", "not", "contains", "in", "if", "else"}
)
_FILTERS = {"toUpperCase": "upcase", "toLowerCase": "downcase", "trim": "strip"}
_GETTER = re.compile(r"get[A-Z]\w*")


def called(base: Value, name: str, arguments: list[Node]) -> Node:
    """`base.name(arguments)`. Raises UnknownVelocityError."""
    given = [plain(one) for one in arguments]
    found = _computed(base, name, given) or _looked_up(base, name, given)
    if found is None:
        raise UnknownVelocityError(f"the method {name} with {len(given)} arguments has no counterpart")
    return found


def usable(name: str) -> bool:
    """Whether Liquid takes this for a name of its own."""
    return _NAME.fullmatch(name) is not None and name not in _RESERVED


def _looked_up(base: Value, name: str, given: list[str]) -> Node | None:
    of = plain(base)
    match name, given:
        case "get", [key]:
            text = key[1:-1] if key[0] in "'\"" else ""
            return Value(f"{of}.{text}" if usable(text) else f"{of}[{key}]")
        case (("size" | "length"), []):
            return Value(f"{of}.size")
        case "isEmpty", []:
            return Test(f"{of} == empty", f"{of} != empty")
        case "equals", [other]:
            return Test(f"{of} == {other}", f"{of} != {other}")
        case "contains", [other]:
            return Test(f"{of} contains {other}")
    return Value(f"{of}.{name[3].lower()}{name[4:]}") if _GETTER.fullmatch(name) and not given else None


def _computed(base: Value, name: str, given: list[str]) -> Value | None:
    match name, given:
        case "toString", []:
            return base
        case "replace", [old, new]:
            done = f"replace: {old}, {new}"
        case "substring", [start, end] if start.isdigit() and end.isdigit() and int(end) > int(start):
            done = f"slice: {start}, {int(end) - int(start)}"
        case _, [] if name in _FILTERS:
            done = _FILTERS[name]
        case _:
            return None
    return Value(base.text, (*base.filters, done), is_text=True)
