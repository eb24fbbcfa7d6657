"""What commands print: a table for people, JSON for machines."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from core.document import dump_json, load_json

_WIDE = 200
_UUID = len(str(UUID(int=0)))

Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


def print_json(value: object) -> None:
    """One JSON document."""
    Console().print_json(data=load_json(dump_json(value)), default=str)


def print_done(sentence: str, facts: Mapping[str, object], *, json: bool) -> None:
    """What a command has done: a sentence for people, the facts of it as one JSON object for machines."""
    if json:
        print_json(facts)
    else:
        Console(soft_wrap=True).print(sentence, markup=False, highlight=False)


def print_rows(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], *, empty: str) -> None:  # Any: cells
    """A table with these columns (key → heading), or what to do when there is nothing."""
    console = Console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _WIDE  # a pipe has no edge
    if not rows:
        console.print(empty)
        return
    table = Table()
    for key, heading in columns.items():
        whole = any(isinstance(row[key], UUID) for row in rows)  # to be copied into the next command
        table.add_column(heading, overflow="fold", no_wrap=whole, min_width=_UUID if whole else None)
    for row in rows:
        table.add_row(*(escape(cell(row[key])) for key in columns))
    console.print(table)


def cell(value: object) -> str:
    """A value as people read it."""
    if value is None:
        return "—"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
