"""What a message template is, and how it becomes a subject, an HTML part and a text part."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Any

import yaml
from liquid import BoundTemplate
from liquid.exceptions import LiquidError
from pydantic import BaseModel, ConfigDict, ValidationError

from automation.template_sandbox import environment
from automation.template_text import text_of_html
from core.errors import InvalidError

_FRONT = re.compile(r"\A---[ \t]*\r?\n(?P<front>.*?)^---[ \t]*\r?\n?(?P<body>.*)\Z", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"\$\{\s*([^{}$]+?)\s*\}")


class TemplateError(InvalidError):
    """A template cannot be read, compiled or rendered. `part` is subject, html, text or file; `line` counts from 1."""

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
    subject: str | None = None
    html: str | None = None
    text: str | None = None
    strict: bool = False
    """A missing value fails the render instead of printing nothing."""


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
    is_text = path.suffix == ".txt"
    stem = path.stem if path.suffix in {".txt", ".html"} else name
    match = _FRONT.match(source_text.removeprefix("\ufeff"))
    front, body = (match["front"], match["body"]) if match else ("", source_text)
    try:
        fields = yaml.safe_load(front) or {}
    except yaml.YAMLError as error:
        raise TemplateError(f"front matter is not YAML: {error}", template=stem, part="file") from error
    if not isinstance(fields, dict) or not fields.keys() <= {"subject", "text", "strict"}:
        raise TemplateError("front matter holds subject, text and strict only", template=stem, part="file")
    try:
        return Template.model_validate({"name": stem, **fields, "text" if is_text else "html": body})
    except ValidationError as error:
        raise TemplateError(str(error), template=stem, part="file") from error


def fill(text: str, params: Mapping[str, Any]) -> str:  # Any: event parameters are any JSON
    """Put event parameters in place of `${name}`. A missing one becomes nothing; values are not filled again."""
    return _FIELD.sub(lambda match: "" if (value := params.get(match[1])) is None else str(value), text)


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
        """Render every part. Parameters of `event` are at the top level too, where the context has no such name."""
        scope = {**(context.get("event") or {}), **context}
        html = self._render("html", scope)
        text = self._render("text", scope)
        if text is None:
            text = text_of_html(html or "")
        return Rendered(subject=" ".join((self._render("subject", scope) or "").split()), html=html, text=text)

    @cached_property
    def names(self) -> frozenset[str]:
        """Top-level names that the template takes from its context."""
        return frozenset(path.partition(".")[0] for path in self.paths)

    @cached_property
    def paths(self) -> frozenset[str]:
        """Dotted paths that the template takes from its context, such as `order.items`."""
        return frozenset(
            ".".join(str(segment) for segment in variable.segments)
            for part in self._parts.values()
            for variables in part.analyze(include_partials=False).globals.values()
            for variable in variables
        )

    def _compile(self, part: str, source: str) -> BoundTemplate:
        try:
            return environment(escape=part == "html", strict=self.template.strict).from_string(source)
        except LiquidError as error:
            raise self._error(part, error) from error

    def _render(self, part: str, scope: Mapping[str, Any]) -> str | None:  # Any: facts are any JSON
        compiled = self._parts.get(part)
        try:
            return None if compiled is None else compiled.render(scope)
        except LiquidError as error:
            raise self._error(part, error) from error

    def _error(self, part: str, error: LiquidError) -> TemplateError:
        place = error.context()
        return TemplateError(
            str(error.message), template=self.template.name, part=part, line=place[0] if place else None
        )
