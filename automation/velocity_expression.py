"""Expressions of Velocity in Liquid: references, conditions, and what `#set` and `#foreach` take."""

import re
from collections.abc import Callable

from automation.velocity_method import called, usable
from automation.velocity_node import (
    COMPARISONS,
    Node,
    Test,
    UnknownVelocityError,
    Value,
    comparison,
    group,
    negated,
    plain,
    said,
    tested,
    value,
)

_DEEPEST = 20
_TOKEN = re.compile(
    r"""\s*(?:(?P<reference>\$!?\{?[A-Za-z_][\w-]*)|(?P<number>\d+(?:\.\d+)?)|(?P<string>"[^"]*"|'[^']*')
    |(?P<word>[A-Za-z_]\w*)|(?P<mark>&&|\|\||[=!<>]=|\.\.|[-+*/%<>!()\[\]{},.|]))""",
    re.VERBOSE,
)
_LOOP = {"index": "forloop.index0", "count": "forloop.index", "first": "forloop.first", "last": "forloop.last"}
_SAID = {"eq": "==", "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=", "and": "&&", "or": "||", "not": "!"}
_ARITHMETIC = {"+": "plus", "-": "minus", "*": "times", "/": "divided_by", "%": "modulo"}


def value_of(source: str) -> str:
    """Liquid of what is printed or set. Raises UnknownVelocityError."""
    return str(value(_Reader(source).whole()))


def condition_of(source: str) -> str:
    """Liquid of a condition. Raises UnknownVelocityError."""
    return said(tested(_Reader(source).whole()))


def list_of(source: str) -> str:
    """Liquid of what a loop goes over: a path or a range. Raises UnknownVelocityError."""
    return plain(_Reader(source).whole())


class _Reader:
    """Recursive descent, of bounded depth, in Velocity's own order of precedence."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._place = 0
        self._depth = 0
        self._next()

    def whole(self) -> Node:
        found = self._either()
        if self._kind:
            raise UnknownVelocityError(f"{self._text!r} is not expected there")
        return found

    def _next(self) -> str:
        text = getattr(self, "_text", "")
        match = _TOKEN.match(self._source, self._place)
        if match is None and self._source[self._place :].strip():
            raise UnknownVelocityError(f"{self._source[self._place :].strip()[:20]!r} is not understood")
        self._kind = (match.lastgroup or "") if match else ""
        self._text = match[self._kind] if match else ""
        self._place = match.end() if match else len(self._source)
        if self._kind == "word" and self._text in _SAID:
            self._kind, self._text = "mark", _SAID[self._text]
        return text

    def _take(self, *marks: str) -> str | None:
        return self._next() if self._kind == "mark" and self._text in marks else None

    def _need(self, mark: str) -> None:
        if not self._take(mark):
            raise UnknownVelocityError(f"{mark} is missing")

    def _either(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise UnknownVelocityError("it is nested too deep")
        found = self._joined("||", "or", lambda: self._joined("&&", "and", self._not))
        self._depth -= 1
        return found

    def _joined(self, mark: str, word: str, read: Callable[[], Node]) -> Node:
        found = read()
        if self._text != mark or self._kind != "mark":
            return found
        parts = [tested(found)]
        while self._take(mark):
            parts.append(tested(read()))
        return group(word, parts)

    def _not(self) -> Node:
        turns = 0
        while self._take("!"):
            turns += 1
        found = self._compared()
        return negated(tested(found)) if turns % 2 else found if not turns else tested(found)

    def _compared(self) -> Node:
        left = self._sum()
        mark = self._take(*COMPARISONS)
        return comparison(left, mark, self._sum()) if mark else left

    def _sum(self) -> Node:
        return self._computed(("+", "-"), lambda: self._computed(("*", "/", "%"), self._one))

    def _computed(self, marks: tuple[str, ...], read: Callable[[], Node]) -> Node:
        found = read()
        while mark := self._take(*marks):
            left, right = value(found), read()
            is_text = mark == "+" and (left.is_text or (isinstance(right, Value) and right.is_text))
            name = "append" if is_text else _ARITHMETIC[mark]
            found = Value(left.text, (*left.filters, f"{name}: {plain(right)}"), is_text)
        return found

    def _one(self) -> Node:
        kind, sign = self._kind, self._take("-")
        if sign and self._kind == "number":
            return Value(f"-{self._next()}")
        if kind in {"number", "string"}:
            return Value(_string(self._next()), is_text=kind == "string")
        if kind == "reference":
            return self._reference()
        if self._take("("):
            found = self._either()
            self._need(")")
            return found
        return self._range() if self._take("[") else self._word()

    def _range(self) -> Value:
        start = plain(self._either())
        if not self._take(".."):
            raise UnknownVelocityError("a list written out has no counterpart")
        end = plain(self._either())
        self._need("]")
        return Value(f"({start}..{end})")

    def _word(self) -> Value:
        if self._kind == "word" and self._text in {"true", "false", "null"}:
            word = self._next()
            return Value("nil" if word == "null" else word)
        raise UnknownVelocityError(f"{self._text!r} is not understood" if self._text else "something is missing")

    def _reference(self) -> Node:
        head = self._next()
        name = head.lstrip("$!{")
        found: Node = Value("nil" if name == "null" else "forloop.index" if name == "velocityCount" else name)
        if name == "data":
            found = self._of_the_event()
        elif name == "foreach" and self._take("."):
            word = self._next()
            if word != "hasNext" and word not in _LOOP:
                raise UnknownVelocityError(f"$foreach.{word} has no counterpart")
            found = Test("forloop.last == false", "forloop.last") if word == "hasNext" else Value(_LOOP[word])
        elif name == "foreach" or (name != "null" and not usable(name)):
            raise UnknownVelocityError(f"${name} is a word of Liquid")
        while mark := self._take(".", "["):
            found = self._step(value(found), mark)
        if "{" in head:
            if self._take("|"):
                found = Value(str(value(found)), (f"default: {plain(self._one())}",))
            self._need("}")
        return found

    def _of_the_event(self) -> Value:
        """`$data` is what the message was launched with; its fields stand at the top level here too."""
        if not self._take("."):
            return Value("event")
        key = self._next()
        if key == "get" and self._take("("):
            argument = self._either()
            self._need(")")
            text = plain(argument)
            name = text[1:-1] if text[0] in "'\"" else ""
            return Value(name if usable(name) else f"event[{text}]")
        return Value(key if usable(key) else f"event['{key}']")

    def _step(self, base: Value, mark: str) -> Node:
        if mark == "[":
            inside = plain(self._either())
            self._need("]")
            return Value(f"{plain(base)}[{inside}]")
        if self._kind != "word":
            raise UnknownVelocityError("a name is missing after the point")
        name = self._next()
        if not self._take("("):
            return Value(f"{plain(base)}.{name}")
        arguments: list[Node] = []
        while not self._take(")"):
            if arguments:
                self._need(",")
            arguments.append(self._either())
        return called(base, name, arguments)


def _string(quoted: str) -> str:
    inside = quoted[1:-1]
    if quoted[0] == '"' and ("$" in inside or "#" in inside):
        raise UnknownVelocityError("text with references in it: set it apart with + instead")
    if "\\" in inside or "{" in inside or "}" in inside:
        raise UnknownVelocityError("text with braces or a backslash")
    return quoted
