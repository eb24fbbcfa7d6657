"""Automations in files: read, checked, drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from automation.checking import check
from automation.definition import Definition, DefinitionError, Problem, load_definition, located
from automation.picture import mermaid
from automation.runnable import not_runnable
from automation.template import CompiledTemplate, Template
from cli.output import Json, print_json
from cli.session import in_transaction
from core.channels import served_channels
from core.errors import InvalidError
from core.settings import read_settings
from store import templates
from store.segments import segment_names

Paths = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="YAML or JSON files.")]

_HINTS = {
    "unknown template": "templates are published with: ordercue templates apply FILES",
    "unknown segment": "segments are made with: ordercue segments put NAME FILE",
}


@dataclass(frozen=True)
class File:
    """A file that could be read as a definition."""

    path: Path
    text: str
    definition: Definition


def read_files(paths: Sequence[Path]) -> list[File]:
    """The definitions of files. Raises InvalidError with every problem of every file, its line and its column.

    Two files of one automation would replace each other's version each time they are applied.
    """
    found: list[File] = []
    wrong: list[str] = []
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
            file = File(path, text, load_definition(text))
            twin = next((one.path for one in found if one.definition.name == file.definition.name), None)
            if twin is not None:
                wrong.append(f"{path}: {twin} has the same name, {file.definition.name!r}")
            found.append(file)
        except DefinitionError as error:
            wrong += [f"{path}: {problem}" for problem in error.problems]
        except UnicodeDecodeError:
            wrong.append(f"{path} is not UTF-8 text")
    if wrong:
        raise InvalidError("\n".join(wrong))
    return found


async def problems_of(session: AsyncSession, files: Sequence[File]) -> list[tuple[File, Problem]]:
    """What keeps the files from being published: templates, channels, and what cannot be run yet."""
    known = {
        one.name: CompiledTemplate(Template.model_validate(one.ready)).names
        for one in await templates.list_templates(session)
    }
    channels, segments = served_channels(read_settings()), await segment_names(session)
    return [
        (file, problem)
        for file in files
        for problem in located(
            (
                *check(file.definition, templates=known, channels=channels, segments=segments),
                *not_runnable(file.definition),
            ),
            file.text,
        )
    ]


async def refuse_problems(session: AsyncSession, files: Sequence[File]) -> None:
    """Raises InvalidError with every problem, one a line, and how to make what was missing."""
    problems = await problems_of(session, files)
    if problems:
        hints = [hint for said, hint in _HINTS.items() if any(one.message.startswith(said) for _, one in problems)]
        raise InvalidError("\n".join([*(f"{file.path}: {problem}" for file, problem in problems), *hints]))


def validate(
    paths: Paths, *, offline: Annotated[bool, typer.Option(help="Without a database.")] = False, json: Json = False
) -> None:
    """Check files and store nothing. Templates are looked up in the database unless --offline."""
    files = read_files(paths)
    if offline:
        wrong = [f"{file.path}: {problem}" for file in files for problem in located(check(file.definition), file.text)]
        if wrong:
            raise InvalidError("\n".join(wrong))
    else:
        in_transaction(lambda session: refuse_problems(session, files))
    if json:
        print_json([{"file": str(file.path), "name": file.definition.name} for file in files])
        return
    for file in files:
        print(f"{file.path}: {file.definition.name} is valid")


def graph(path: Annotated[Path, typer.Argument(exists=True, dir_okay=False)], *, json: Json = False) -> None:
    """Print a file's flowchart in Mermaid."""
    text = mermaid(read_files([path])[0].definition)
    if json:
        print_json({"mermaid": text})
    else:
        print(text, end="")
