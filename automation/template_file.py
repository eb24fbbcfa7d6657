"""The file format of templates: front matter, then the body."""

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from automation.template_model import Template, TemplateError, Variant

SUFFIXES = {".html": "html", ".mjml": "mjml", ".txt": "text"}
"""Which part the body of a file is."""
_FRONT = re.compile(r"\A---[ \t]*\r?\n(?P<front>.*?)^---[ \t]*(?:\r?\n|\Z)(?P<body>.*)\Z", re.DOTALL | re.MULTILINE)
_OF_A_VARIANT = frozenset({"subject", "text", "mjml"})
_FRONT_FIELDS = _OF_A_VARIANT | {"strict", "language", "inline_css"}


T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class _File:
    fields: dict[str, object]
    lines: dict[str, int]
    """Part → line of the file before its first."""


def parse_template(name: str, source_text: str) -> Template:
    """Read `NAME.html`, `NAME.mjml` or `NAME.txt`: YAML front matter, then the HTML, MJML or text body.

    The front matter holds subject, text, strict, language, inline_css, and `mjml: true` for MJML in another file. The
    suffix of `name` tells which body it is; without one it is HTML. Raises TemplateError.
    """
    stem, file = _read(name, source_text)
    return _build(Template, stem, {"name": stem, **file.fields})


def parse_variant(template: str, locale: str, name: str, source_text: str) -> Variant:
    """Read the file of another language; its front matter holds subject, text and mjml only. Raises TemplateError."""
    _, file = _read(name, source_text)
    for field in file.fields.keys() - _OF_A_VARIANT - {"html"}:
        message = f"{field} is for the template itself, not for one language of it"
        raise TemplateError(message, template=template, part="file", locale=locale)
    return _build(Variant, template, file.fields, locale)


def lines_before(name: str, source_text: str) -> dict[str, int]:
    """How many lines of the file stand before the first of each part, to tell places in the file."""
    return _read(name, source_text)[1].lines


def _read(name: str, source_text: str) -> tuple[str, _File]:
    path = PurePath(name)
    stem, part = (path.stem, SUFFIXES[path.suffix]) if path.suffix in SUFFIXES else (name, "html")
    match = _FRONT.match(source_text.removeprefix("\ufeff"))
    front, body = (match["front"], match["body"]) if match else ("", source_text)
    fields = _front_matter(stem, front)
    if fields.pop("mjml", False) is True:
        part = "mjml"
    lines = _lines(front) if match else {}
    if body.strip():
        fields[part] = body
        lines[part] = front.count("\n") + 2 if match else 0
    return stem, _File(fields, lines)


def _build(model: type[T], template: str, fields: dict[str, object], locale: str | None = None) -> T:
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        part = ".".join(map(str, first["loc"])) or "file"
        raise TemplateError(first["msg"], template=template, part=part, locale=locale) from error


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
        said = "the front matter holds subject, text, strict, language, inline_css and mjml only"
        raise TemplateError(said, template=template, part="file")
    return fields


def _lines(front: str) -> dict[str, int]:
    """Where the values of the front matter begin. The text of a block (`|`) begins a line after its mark."""
    node = yaml.compose(front, Loader=yaml.SafeLoader)
    found: dict[str, int] = {}
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        found[key.value] = 1 + value.start_mark.line + (getattr(value, "style", None) in {"|", ">"})
    return found
