"""The front door of definitions: read them from text, check them, write them as JSON."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from automation.checking import check
from automation.explanation import explain
from automation.model import Definition, definition_json
from automation.part import AUTHORED
from automation.problems import DefinitionError, Problem, place_of
from automation.source import Mark, Source, read_source

__all__ = [
    "MEANING",
    "Definition",
    "DefinitionError",
    "Problem",
    "build_definition",
    "check",
    "definition_json",
    "json_schema",
    "load_definition",
    "located",
]

MEANING = "What starts it, what ends its runs, its steps."
"""What a document says."""


def load_definition(text: str) -> Definition:
    """Read YAML or JSON of at most 64 KiB. Raises DefinitionError with every problem, its line and its column."""
    source = read_source(text)
    if source.problems:
        raise DefinitionError(source.problems)
    return _build(source)


def build_definition(document: object) -> Definition:
    """Read a document that is already parsed, such as the body of a request. Raises DefinitionError."""
    return _build(Source(data=document))


def located(problems: Iterable[Problem], text: str) -> tuple[Problem, ...]:
    """The same problems with line and column in the text that the definition was read from."""
    marks = {place_of(path): mark for path, mark in read_source(text).marks.items()}
    return tuple(Problem(problem.place, problem.message, *_mark(problem.place, marks)) for problem in problems)


def json_schema() -> dict[str, Any]:
    """The published JSON Schema of a document (draft 2020-12)."""
    schema = Definition.model_json_schema(by_alias=True, mode="validation")
    schema["title"], schema["description"] = "Ordercue automation", MEANING
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _build(source: Source) -> Definition:
    if not isinstance(source.data, dict):
        raise DefinitionError([source.problem((), "a definition is a mapping with the keys name, start and steps")])
    try:
        return Definition.model_validate(source.data, context={AUTHORED: True})
    except ValidationError as error:
        raise DefinitionError(explain(error, source)) from error


def _mark(place: str, marks: Mapping[str, Mark]) -> Mark | tuple[()]:
    """Line and column of a place, or of the nearest around it."""
    while place and place not in marks:
        place = place[: max(place.rfind("."), place.rfind("["), 0)]
    return marks.get(place, ())
