"""Velocity templates of the original platform become Liquid, with a report of what could not."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import ValidationError

from automation.template import CompiledTemplate, Template, TemplateError
from automation.velocity_expression import condition_of, list_of, value_of
from automation.velocity_node import UnknownVelocityError

_LONGEST = 500
"""Characters of a reference or of what a directive takes."""
_SHOWN = 120
_MARK = re.compile(
    r"""(?P<comment>\#\#[^\n]*\n?|\#\*)|(?P<raw>\#\[\[)|\\(?P<escaped>[#$])
    |\#\{?(?P<directive>if|elseif|else|end|set|foreach|macro|parse|include|define|evaluate|break|stop)\b\}?
    |\#(?P<macro>[A-Za-z_]\w*)(?=\()
    |(?P<reference>\$!?\{?[A-Za-z_][\w-]*)|%(?P<field>[A-Z][A-Z_]{3,40}|SMS)(?:\|(?P<fallback>[^%\n<>]{0,200}))?%""",
    re.VERBOSE,
)
_BRACE = re.compile(r"\{(?=[{%])|\{\Z")
_NOT_BRACKET = re.compile(r"[^()\[\]'\"]+|'[^']*'|\"[^\"]*\"")
_PROPERTY = re.compile(r"\.[A-Za-z_][\w-]*")
_SET = re.compile(r"\s*\$!?\{?([A-Za-z_]\w*)\}?\s*=(?!=)(.*)\Z", re.DOTALL)
_FOREACH = re.compile(r"\s*\$!?\{?([A-Za-z_]\w*)\}?\s+in\s+(.*)\Z", re.DOTALL)
_FIELDS = {
    "FIRSTNAME": "contact.firstName", "LASTNAME": "contact.lastName", "EMAIL": "contact.email",
    "EMAILADDRESS": "contact.email", "SMS": "contact.phone", "PHONE": "contact.phone",
    "MOBILEPHONE": "contact.phone", "UNSUBSCRIBE_URL": "unsubscribe_url", "VIEW_URL": "view_url",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Left:
    """What was not converted; `line` counts from 1 in the source, None for the result as a whole."""

    line: int | None
    what: str

    def __str__(self) -> str:
        return self.what if self.line is None else f"line {self.line}: {self.what}"


@dataclass(frozen=True, slots=True)
class Converted:
    """A part in Liquid. It compiles, or `left` says why not."""

    text: str
    left: list[Left]


def convert(source: str) -> Converted:
    """Liquid of a part in Velocity. What has no counterpart becomes a comment that shows nothing, and is reported."""
    work = _Conversion(source)
    work.run()
    text = "".join(work.made)
    try:
        CompiledTemplate(Template(name="converted", text=text))
    except TemplateError as error:
        work.left.append(Left(None, f"the result is no Liquid yet (its line {error.line}): {error.message}"))
    except ValidationError as error:
        work.left.append(Left(None, f"the result is no template: {error.errors()[0]['msg']}"))
    return Converted(text, work.left)


@dataclass
class _Block:
    line: int
    word: str
    """if or for, as Liquid ends it."""
    has_else: bool = False


@dataclass
class _Conversion:
    source: str
    place: int = 0
    line: int = 1
    made: list[str] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    blocks: list[_Block] = field(default_factory=list)
    macros: set[str] = field(default_factory=set)
    """Names that the template defines."""

    def run(self) -> None:
        while (mark := _MARK.search(self.source, self.place)) is not None:
            self._literal(mark.start())
            start, self.place = self.place, mark.end()
            self._one(mark)
            self.line += self.source.count("\n", start, self.place)
        self._literal(len(self.source))
        for block in reversed(self.blocks):
            self.left.append(Left(block.line, f"#{block.word} without #end; it ends with the template"))
            self.made.append(f"{{% end{block.word} %}}")

    def _one(self, mark: re.Match[str]) -> None:
        match mark.lastgroup:
            case "comment":
                if mark[0] == "#*":
                    self._until("*#")
            case "raw":
                self.made.append(_verbatim(self._until("]]#")))
            case "escaped":
                self.made.append(mark["escaped"])
            case "directive":
                self._directive(mark)
            case "macro":
                self._call(mark)
            case "reference":
                self._reference(mark)
            case _:
                self._field(mark)

    def _literal(self, end: int) -> None:
        text = self.source[self.place : end]
        self.line += text.count("\n")
        self.made.append(_verbatim(text))
        self.place = end

    def _until(self, close: str) -> str:
        """What stands before this mark, or all the rest."""
        start = self.place
        end = self.source.find(close, start)
        self.place = len(self.source) if end < 0 else end + len(close)
        if end < 0:
            self._leave(f"{close} is missing; the rest of the template was taken")
        return self.source[start : self.place if end < 0 else end]

    def _reference(self, mark: re.Match[str]) -> None:
        while True:
            if step := _PROPERTY.match(self.source, self.place):
                self.place = step.end()
            elif self.source[self.place : self.place + 1] == "[" or (
                self.source[self.place : self.place + 1] == "(" and self.source[self.place - 1] != ")"
                and "." in self.source[mark.start() : self.place]
            ):  # fmt: skip
                end = self._closed(self.place)
                if end is None:
                    break
                self.place = end
            else:
                break
        if "{" in mark[0]:
            end = self.source.find("}", self.place, self.place + _LONGEST)
            self.place = end + 1 if end >= 0 else self.place
        self._try(mark.start(), lambda said: f"{{{{ {value_of(said)} }}}}")

    def _field(self, mark: re.Match[str]) -> None:
        path, fallback = _FIELDS.get(mark["field"]), mark["fallback"] or ""
        quote = '"' if "'" in fallback else "'"
        if path is None or quote in fallback or "{" in fallback or "}" in fallback:
            why = "no such field is known" if path is None else "its fallback cannot be written"
            self._leave(f"{mark[0]}: {why}; it stays as it is")
            self.made.append(_verbatim(mark[0]))
        else:
            self.made.append(f"{{{{ {path}" + (f" | default: {quote}{fallback}{quote}" if fallback else "") + " }}")

    def _directive(self, mark: re.Match[str]) -> None:
        word = mark["directive"]
        if word == "end":
            self._end()
        elif word == "else":
            self._else()
        elif word in {"break", "stop"}:
            self._try(mark.start(), lambda _: "{% break %}" if word == "break" else _no_counterpart(word))
        else:
            opened = re.compile(r"[ \t]*\(").match(self.source, self.place)
            end = self._closed(opened.end() - 1) if opened else None
            if opened is None or end is None:
                if opened or word in {"if", "foreach"}:
                    self._leave(
                        f"{mark[0]}: its parentheses do not close within {_LONGEST} characters; it stays as it is"
                    )
                self.made.append(_verbatim(mark[0]))
                return
            inside = self.source[opened.end() : end - 1]
            self.place = end
            self._with_parentheses(mark.start(), word, inside)

    def _with_parentheses(self, start: int, word: str, inside: str) -> None:
        match word:
            case "if":
                self.blocks.append(_Block(self.line, "if"))
                self._try(start, lambda _: f"{{% if {condition_of(inside)} %}}", "{% if false %}")
            case "elseif":
                if not self.blocks or self.blocks[-1].word != "if" or self.blocks[-1].has_else:
                    self._leave(f"#elseif({_short(inside)}) without #if; left out")
                else:
                    self._try(start, lambda _: f"{{% elsif {condition_of(inside)} %}}", "{% elsif false %}")
            case "foreach":
                loop = _FOREACH.match(inside)
                self.blocks.append(_Block(self.line, "for"))
                self._try(start, lambda _: _for(loop), "{% for nothing in empty_list %}")
            case "set":
                change = _SET.match(inside)
                self._try(start, lambda _: _assign(change))
            case "macro" | "define":
                self.macros.update(inside.split()[:1])
                self.blocks.append(_Block(self.line, "if"))
                self._try(start, lambda _: _no_counterpart(word), "{% if false %}")
            case _:
                self._try(start, lambda _: _no_counterpart(word))

    def _call(self, mark: re.Match[str]) -> None:
        """Of a macro. One that is not defined here may be plain text, so it stays."""
        end = self._closed(self.place)
        if mark["macro"] in self.macros and end is not None:
            self.place = end
            self._try(mark.start(), lambda _: _no_counterpart(mark["macro"]))
        else:
            self._leave(f"{mark[0]}(: calls a macro that is not defined here; it stays as it is")
            self.made.append(_verbatim(mark[0]))

    def _else(self) -> None:
        if not self.blocks or self.blocks[-1].has_else:
            self._leave("#else without #if; left out")
        else:
            self.blocks[-1].has_else = True
            self.made.append("{% else %}")

    def _end(self) -> None:
        if self.blocks:
            self.made.append(f"{{% end{self.blocks.pop().word} %}}")
        else:
            self._leave("#end without a beginning; left out")

    def _try(self, start: int, make: Callable[[str], str], instead: str = "") -> None:
        said = self.source[start : self.place]
        try:
            self.made.append(make(said))
        except UnknownVelocityError as error:
            self._leave(f"{_short(said)}: {error}")
            self.made.append(f"{{% comment %}} Velocity: {_quoted(said)} {{% endcomment %}}{instead}")

    def _leave(self, what: str) -> None:
        self.left.append(Left(self.line, what))

    def _closed(self, start: int) -> int | None:
        """Behind the bracket that closes the one at `start`."""
        place, depth, last = start, 0, min(len(self.source), start + _LONGEST)
        while place < last:
            if step := _NOT_BRACKET.match(self.source, place, last):
                place = step.end()
                continue
            if self.source[place] in "'\"":
                return None
            depth += 1 if self.source[place] in "([" else -1
            place += 1
            if depth == 0:
                return place
        return None


def _for(loop: re.Match[str] | None) -> str:
    if loop is None:
        raise UnknownVelocityError("it is not $name in $list")
    return f"{{% for {loop[1]} in {list_of(loop[2])} %}}"


def _assign(change: re.Match[str] | None) -> str:
    if change is None:
        raise UnknownVelocityError("only a variable can be set")
    return f"{{% assign {change[1]} = {value_of(change[2])} %}}"


def _no_counterpart(word: str) -> str:
    raise UnknownVelocityError(f"#{word} has no counterpart")


def _verbatim(text: str) -> str:
    """Text in which Liquid finds no mark of its own."""
    return _BRACE.sub("{{ '{' }}", text)


def _quoted(text: str) -> str:
    return _short(text).translate(str.maketrans("{}%", "() "))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
