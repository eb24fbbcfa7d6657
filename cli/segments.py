"""`ordercue segments`."""

import csv
import json as json_module
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession

from cli.actor import cli_actor
from cli.output import Json, print_json, print_rows
from cli.session import in_transaction
from core.errors import InvalidError
from core.segments.definition import condition_json, read_condition
from store import segments
from store.audit import record_audit
from store.segment_preview import check_references

app = typer.Typer(no_args_is_help=True, help="Segments: groups of contacts.")
_COLUMNS = {"name": "segment", "kind": "kind", "members": "members", "calculated_at": "calculated (UTC)"}


@app.command("list")
def list_(*, json: Json = False) -> None:
    """Show every segment."""
    rows = [one.model_dump() | {"members": count} for one, count in in_transaction(segments.list_segments)]
    if json:
        print_json(rows)
    else:
        print_rows(rows, _COLUMNS, empty="No segments yet; make one with: ordercue segments put NAME")


@app.command()
def put(
    name: str,
    file: Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, help="JSON of a definition.")] = None,
) -> None:
    """Make a segment: dynamic with a file of its definition, else static. Then: ordercue recalculate."""

    async def work(session: AsyncSession) -> None:
        definition = None
        if file:
            try:
                condition = read_condition(json_module.loads(file.read_text()))
            except ValueError as error:
                raise InvalidError(f"{file} is not JSON: {error}") from error
            await check_references(session, name, condition)
            definition = condition_json(condition)
        await segments.put_segment(session, name, definition)
        await record_audit(session, actor=cli_actor(), action="segment.put", subject=f"segment:{name}")

    in_transaction(work)
    Console().print(f"Segment {name} is kept.", markup=False)


@app.command("import")
def import_(name: str, file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Add the contacts of a CSV file, by its column `id`, to a static segment."""
    with file.open(newline="") as lines:
        try:
            ids = [UUID(row["id"]) for row in csv.DictReader(lines)]
        except (KeyError, ValueError) as error:
            raise InvalidError(f"{file} has no column id with the ids of contacts") from error

    async def work(session: AsyncSession) -> int:
        changed = await segments.add_members(session, name, ids, source=cli_actor())
        await record_audit(session, actor=cli_actor(), action="segment.add", subject=f"segment:{name}")
        return len(changed)

    Console().print(f"{in_transaction(work)} contacts became members.")
