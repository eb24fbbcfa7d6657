"""What a message template is, and how it becomes a subject, an HTML part and a text part."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Annotated, Any, Self

import yaml
from liquid import BoundTemplate
from liquid.exceptions import LiquidError
from liquid.static_analysis import Variable
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from automation.template_sandbox import environment
from automation.template_source import check_source
from automation.template_text import text_of_html
from core.errors import InvalidError

_LONGEST_SOURCE = 256 * 1024
"""Characters of one part."""
_FRONT = re.compile(r"\A---[ \t]*\r?\n(?P<front>.*?)^---[ \t]*(?:\r?\n|\Z)(?P<body>.*)\Z", re.DOTALL | re.MULTILINE)
_FRONT_FIELDS = frozenset({"subject", "text", "strict"})
_FIELD = re.compile(r"\$\{\s*([^{}$]+?)\s*\}")

Source = Annotated[str, Field(max_length=_LONGEST_SOURCE)]


class TemplateError(InvalidError):
    """A template cannot be read, compiled or rendered.

    `part` is subject, html, text, or file for the front matter; `line` counts from 1 within the part, or is None.
    """

    def __init__(self, message: str, *, template: str, part: str, line: int | None = None) -> None:
        place = f"{template}, {part}" if line is None else f"{template}, {part}, line {line}"
        super().__init__(f"{place}: {message}", field=part)
        self.message = message
        self.template = template
        self.part = part
        self.line = line


class Template(BaseModel):
    """The Liquid sources of one message. Without `text` the text part is made from the HTML part."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    subject: Source | None = None
    html: Source | None = None
    text: Source | None = None
    strict: bool = False
    """A missing value fails the render instead of printing nothing."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.html is None and self.text is None:
            msg = "a template needs an HTML or a text part"
            raise ValueError(msg)
        return self


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message's content. `subject` is one line, empty when the template has none."""

    subject: str
    html: str | None
    text: str


def parse_template(name: str, source_text: str) -> Template:
    """Read `NAME.html` or `NAME.txt`: YAML front matter (subject, text, strict), then the HTML or text body.

    The suffix of `name` tells which body it is; without one it is HTML. Raises TemplateError.
    """
    path = PurePath(name)
    stem = path.stem if path.suffix in {".html", ".txt"} else name
    match = _FRONT.match(source_text.removeprefix("\ufeff"))
    front, body = (match["front"], match["body"]) if match else ("", source_text)
    fields = {"name": stem, **_front_matter(stem, front)}
    if body.strip():
        fields["text" if path.suffix == ".txt" else "html"] = body
    try:
        return Template.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        raise TemplateError(first["msg"], template=stem, part=".".join(map(str, first["loc"])) or "file") from error


def fill(text: str, params: Mapping[str, Any]) -> str:  # Any: event parameters are any JSON
    """Put event parameters in place of `${name}`. A missing one becomes nothing; values are not filled again."""
    return _FIELD.sub(lambda match: _shown(params.get(match[1])), text)


class CompiledTemplate:
    """A template that was parsed once and renders many times. Raises TemplateError."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self._parts = {
            part: self._compile(part, source)
            for part, source in (("subject", template.subject), ("html", template.html), ("text", template.text))
            if source is not None
        }

    def render(self, context: Mapping[str, Any]) -> Rendered:  # Any: facts are any JSON
        """Render every part. Raises TemplateError.

        Parameters of `event` stand at the top level too, where the context has no such name.
        """
        scope = {**(context.get("event") or {}), **context}
        html = self._render("html", scope)
        text = self._render("text", scope)
        return Rendered(
            subject=" ".join((self._render("subject", scope) or "").split()),
            html=html,
            text=text_of_html(html or "") if text is None else text,
        )

    @cached_property
    def names(self) -> frozenset[str]:
        """Top-level names that the template takes from its context."""
        return frozenset(str(variable.segments[0]) for variable in self._variables())

    @cached_property
    def paths(self) -> frozenset[str]:
        """Dotted paths that the template takes from its context, such as `order.items`, as far as they are fixed."""
        return frozenset(_dotted(variable) for variable in self._variables())

    def _variables(self) -> list[Variable]:
        analyses = [part.analyze(include_partials=False) for part in self._parts.values()]
        return [variable for analysis in analyses for found in analysis.globals.values() for variable in found]

    def _compile(self, part: str, source: str) -> BoundTemplate:
        try:
            check_source(source)
            return environment(escape=part == "html", strict=self.template.strict).from_string(source)
        except Exception as error:  # liquid wraps most of its own; a source nested too deep may break it elsewhere
            raise self._error(part, error) from error

    def _render(self, part: str, scope: Mapping[str, Any]) -> str | None:  # Any: facts are any JSON
        compiled = self._parts.get(part)
        try:
            return None if compiled is None else compiled.render(scope)
        except Exception as error:  # a filter given odd values raises what it likes; the author has to know where
            raise self._error(part, error) from error

    def _error(self, part: str, error: Exception) -> TemplateError:
        if not isinstance(error, LiquidError):
            return TemplateError(f"{type(error).__name__}: {error}", template=self.template.name, part=part)
        message = f"{error.message}: {error.__cause__}" if error.__cause__ else str(error.message)
        token = error.token if error.token and error.token.start_index >= 0 else None  # -1 is the end of an expression
        line = token.source.count("\n", 0, token.start_index) + 1 if token else None
        return TemplateError(message, template=self.template.name, part=part, line=line)


def _front_matter(template: str, front: str) -> dict[str, object]:
    try:
        fields = yaml.safe_load(front) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise TemplateError(
            f"the front matter is not YAML ({getattr(error, 'problem', error)}); put quotes around text with braces",
            template=template,
            part="file",
            line=mark.line + 2 if mark else None,  # counted from 0, after the first ---
        ) from error
    if not isinstance(fields, dict) or not fields.keys() <= _FRONT_FIELDS:
        raise TemplateError("the front matter holds subject, text and strict only", template=template, part="file")
    return fields


def _dotted(variable: Variable) -> str:
    fixed = []
    for segment in variable.segments:
        if isinstance(segment, list):  # a path in brackets: which field it is shows only in a render
            break
        fixed.append(str(segment))
    return ".".join(fixed)


def _shown(value: object) -> str:
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | list | dict) else str(value)
