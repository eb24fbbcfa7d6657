"""Reads the text of a definition: YAML or JSON, with the place of everything in it.

The text is not trusted: at most 64 KiB, no anchors (they can grow without bound), no tags, no depth that would
exhaust the stack. Plain words follow YAML 1.2 and JSON: `on` and `no` are text, and so is 10:00.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import yaml

from automation.outline import MAX_NESTING, Path
from automation.problems import Problem, place_of

MAX_BYTES = 64 * 1024

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?(0|[1-9]\d{0,17})", re.ASCII)
_FLOAT = re.compile(r"[-+]?(0|[1-9]\d{0,17})(\.\d{1,20})?([eE][-+]?\d{1,2})?", re.ASCII)
_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_ESCAPE = re.compile(r"\\.")

Mark: TypeAlias = tuple[int, int]
"""Line and column, from 1."""


@dataclass(slots=True)
class Source:
    """What a text says, where each part stands, and what is wrong with the text itself."""

    data: Any = None  # JSON-like
    marks: dict[Path, Mark] = field(default_factory=dict)
    """Of each key and list entry, and `()` for the document."""
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: Path, message: str) -> Problem:
        """A problem at a path, or at the nearest thing around it that stands in the text."""
        known = next((path[:end] for end in range(len(path), -1, -1) if path[:end] in self.marks), ())
        line, column = self.marks.get(known, (None, None))
        return Problem(place_of(path), message, line, column)


def read_source(text: str) -> Source:
    """Read YAML or JSON. Never raises: what is wrong is in `problems`, and then `data` is not to be used."""
    source = Source()
    size = len(text.encode(errors="replace"))
    if size > MAX_BYTES:
        source.problems.append(Problem("", f"a definition has at most 64 KiB; this one has {size} bytes"))
        return source
    as_json = _read_json(text)
    # JSON's escapes and tabs are not YAML's; only the places are still needed then
    readable = text if as_json is None else _ESCAPE.sub("xx", text).replace("\t", " ")
    try:
        _Builder(source).build(yaml.parse(readable, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"this is not YAML: {error.problem or error.context or 'it cannot be read'}"
        source.problems.append(Problem("", message, *((mark.line + 1, mark.column + 1) if mark else ())))
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        source.problems.append(Problem("", f"this is not YAML: {error}"))
    if as_json is not None and not source.problems:
        source.data = as_json.value
    return source


class _Json(NamedTuple):
    value: Any  # JSON-like


def _read_json(text: str) -> _Json | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        return _Json(json.loads(text, parse_constant=_refuse))
    except (ValueError, RecursionError):
        return None  # then it is read as YAML, whose message has line and column


def _refuse(word: str) -> None:
    raise ValueError(word)


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read."""

    path: Path
    value: dict[Any, Any] | list[Any]  # JSON-like
    key: Any = None  # text, once it is read
    has_key: bool = False


@dataclass(slots=True)
class _Builder:
    """Builds plain data from the events of YAML's parser, without recursion."""

    source: Source
    stack: list[_Open] = field(default_factory=list)

    def build(self, events: Iterator[yaml.Event]) -> None:
        documents = 0
        for event in events:
            mark = (event.start_mark.line + 1, event.start_mark.column + 1) if event.start_mark else (1, 1)
            match event:
                case yaml.DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        self._wrong("a definition is one document; there is a second one here", mark)
                        return
                case yaml.AliasEvent():
                    self._wrong("anchors and aliases (& and *) are not allowed; write it out", mark)
                    return
                case yaml.NodeEvent() if event.anchor is not None or not _plain_tag(event):
                    self._wrong("anchors (&) and tags (!) are not allowed; write it out", mark)
                    return
                case yaml.ScalarEvent():
                    self._put(_scalar(event), mark)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    if len(self.stack) >= MAX_NESTING:
                        self._wrong(f"lists and mappings stand within each other more than {MAX_NESTING} deep", mark)
                        return
                    self._open({} if isinstance(event, yaml.MappingStartEvent) else [], mark)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self.stack.pop()

    def _open(self, value: dict[Any, Any] | list[Any], mark: Mark) -> None:
        path = self._put(value, mark)
        self.stack.append(_Open(path, value))

    def _put(self, value: Any, mark: Mark) -> Path:  # JSON-like
        """Add a value to what is open, or make it the key of the next one. Gives its path."""
        marks = self.source.marks
        if not self.stack:
            marks.setdefault((), mark)
            self.source.data = value
            return ()
        top = self.stack[-1]
        if isinstance(top.value, list):
            path = (*top.path, len(top.value))
            marks[path] = mark
            top.value.append(value)
            return path
        if not top.has_key:
            top.has_key, top.key = True, self._key(value, top, mark)
            marks.setdefault((*top.path, top.key), mark)
            return top.path
        top.has_key = False
        top.value[top.key] = value
        return (*top.path, top.key)

    def _key(self, value: Any, top: _Open, mark: Mark) -> str:  # JSON-like
        if isinstance(value, (dict, list)):
            self._wrong("a key is text", mark)
            return ""
        key = value if isinstance(value, str) else json.dumps(value)
        if key in top.value:
            path = (*top.path, key)
            self.source.problems.append(Problem(place_of(path), f"the key {key!r} stands here twice", *mark))
        return key

    def _wrong(self, message: str, mark: Mark) -> None:
        self.source.problems.append(Problem(place_of(self.stack[-1].path) if self.stack else "", message, *mark))


def _plain_tag(event: yaml.NodeEvent) -> bool:
    return getattr(event, "tag", None) is None


def _scalar(event: yaml.ScalarEvent) -> Any:  # JSON-like
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
