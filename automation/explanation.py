"""Turns pydantic's errors about a document into problems that its author understands."""

import re
from typing import Any

from pydantic import BaseModel, ValidationError

from automation.condition import CONDITIONS
from automation.model import Definition
from automation.outline import Path
from automation.problems import Problem, did_you_mean
from automation.rules import Start, StopOnEvent, StopOnUnsubscribe, UniqueWithin
from automation.schedule import Schedule, SendWindow
from automation.source import Source
from automation.steps import STEPS, Arm, Case

_PARTS: dict[str, type[BaseModel]] = {
    **STEPS,
    "start": Start,
    "cases": Case,
    "arms": Arm,
    "window": SendWindow,
    "schedule": Schedule,
    "unique": UniqueWithin,
}
_SYNONYMS = {
    "condition": "where",
    "when": "where",
    "if": "where",
    "events": "event",
    "operator": "op",
    "delay": "for",
    "duration": "for",
    "after": "for",
    "time": "at",
    "timezone": "zone",
    "otherwise": "else",
}
_OPS = {
    "=": "eq",
    "==": "eq",
    "equals": "eq",
    "is": "eq",
    "!=": "ne",
    "not_equals": "ne",
    ">": "gt",
    ">=": "gte",
    "<": "lt",
    "<=": "lte",
    "exists": "is_set",
    "regex": "matches",
}
_MESSAGES = {
    "missing": "this key is needed",
    "string_type": "this has to be text; put it in quotes",
    "bool_type": "this has to be true or false",
    "bool_parsing": "this has to be true or false",
    "int_type": "this has to be a whole number",
    "int_parsing": "this has to be a whole number",
    "int_from_float": "this has to be a whole number",
    "float_type": "this has to be a number",
    "float_parsing": "this has to be a number",
    "tuple_type": "this has to be a list",
    "dict_type": "this has to be a mapping of names to values",
    "model_type": "this has to be a mapping of keys to values",
    "model_attributes_type": "this has to be a mapping of keys to values",
    "string_too_short": "this is empty",
    "finite_number": "this has to be a finite number",
}
_QUOTED = re.compile(r"'([^']*)'")
_CONTEXT = {
    "greater_than": "this has to be more than {gt}",
    "less_than_equal": "this is at most {le}",
    "greater_than_equal": "this is at least {ge}",
    "string_too_long": "this has at most {max_length} characters",
    "too_long": "this has at most {max_length} entries",
    "too_short": "this has at least {min_length} entries",
}


def explain(error: ValidationError, source: Source) -> tuple[Problem, ...]:
    """Every problem once, at its place, in the order of the text."""
    seen: dict[tuple[Path, str], Problem] = {}
    for each in error.errors(include_url=False):
        path, found = _look_up(source.data, each["loc"])
        if each["type"] == "missing":
            path = (*path, each["loc"][-1])
        elif each["type"] == "too_short" and isinstance(found, list) and len(found) >= each["ctx"]["min_length"]:
            continue  # its entries have problems of their own
        message = _message(each, path, found)
        seen.setdefault((path, message), source.problem(path, message))
    return tuple(sorted(seen.values(), key=lambda problem: (problem.line or 0, problem.column or 0)))


def _look_up(data: Any, loc: tuple[str | int, ...]) -> tuple[Path, Any]:  # JSON-like
    """The path in the document, without pydantic's names of alternatives, and what stands there."""
    path: Path = ()
    for part in loc:
        inside = part in data if isinstance(data, dict) else isinstance(data, list) and part in range(len(data))
        if inside:
            path, data = (*path, part), data[part]
    return path, data


def _message(error: Any, path: Path, found: Any) -> str:  # pydantic's ErrorDetails; JSON-like
    kind, text, context = error["type"], error["msg"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_key(str(path[-1]), path, error["loc"])
    if kind == "step":
        return _not_a_step(found) or text
    if kind in ("literal_error", "enum"):
        return _unknown_word(found, _QUOTED.findall(str(context.get("expected"))))
    if kind == "string_pattern_mismatch":
        return f"{found!r} is not a name; use letters, digits, - and _, and begin with a letter or digit"
    if kind in _CONTEXT:
        return _CONTEXT[kind].format(**context)
    return _MESSAGES.get(kind) or str(text).removeprefix("Value error, ")


def _unknown_word(found: Any, known: list[str]) -> str:  # JSON-like
    if _OPS.get(str(found)) in known:
        return f"{found!r} is not known here: did you mean {_OPS[str(found)]!r}?"
    return f"{found!r} is not known here: {did_you_mean(str(found), known)}"


def _unknown_key(key: str, path: Path, loc: tuple[str | int, ...]) -> str:
    known = sorted(field.alias or name for name, field in _model_at(path, loc).model_fields.items())
    if _SYNONYMS.get(key) in known:
        return f"unknown key {key!r}: did you mean {_SYNONYMS[key]!r}?"
    return f"unknown key {key!r}: {did_you_mean(key, known)}"


def _model_at(path: Path, loc: tuple[str | int, ...]) -> type[BaseModel]:
    """The model that refused the last key of a path."""
    names = [part for part in path[:-1] if isinstance(part, str)]
    if not names:
        return Definition
    tag = str(loc[-2]).strip("()") if str(loc[-2]).startswith("(") else ""
    if names == ["stop"]:
        return StopOnEvent if tag == "event" else StopOnUnsubscribe
    if tag in CONDITIONS:
        return CONDITIONS[tag]
    return _PARTS.get(names[-1], Definition)


def _not_a_step(found: Any) -> str:  # JSON-like
    if isinstance(found, str):
        return f"a step is one key; write `{found}:`" if found in STEPS else _unknown_step(found)
    if not isinstance(found, dict) or not found:
        return ""
    if len(found) == 1:
        return _unknown_step(str(next(iter(found))))
    keys = " and ".join(repr(key) for key in list(found)[:2])
    return f"a step is one key, with its settings indented below it; here are {keys} side by side"


def _unknown_step(kind: str) -> str:
    return f"unknown step {kind!r}: {did_you_mean(kind, STEPS)}"
