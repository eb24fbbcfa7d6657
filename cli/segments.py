"""`ordercue segments`."""

import csv
import json as json_module
import sys
from pathlib import Path
from typing import Annotated, TextIO
from uuid import UUID

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncSession

from cli.actor import cli_actor
from cli.output import Json, print_done, print_json, print_rows
from cli.session import in_transaction
from core.document import dump_json
from core.errors import InvalidError
from core.segments.definition import Condition, condition_json, read_condition
from core.settings import read_settings
from store import segments
from store.account import Account
from store.audit import record_audit
from store.segment_preview import Preview, check_references
from store.segment_preview import preview as preview_condition

app = typer.Typer(no_args_is_help=True, help="Segments: groups of contacts.")
_PAGE = 5000
_EXPORTED = ("id", "addedAt", "source")
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
    *,
    json: Json = False,
) -> None:
    """Make a segment: dynamic with a file of its definition, else static. Then: ordercue recalculate."""

    async def work(session: AsyncSession) -> None:
        definition = None
        if file:
            condition = _read_definition(file)
            await check_references(session, name, condition)
            definition = condition_json(condition)
        await segments.put_segment(session, name, definition)
        await record_audit(session, actor=cli_actor(), action="segment.put", subject=f"segment:{name}")

    in_transaction(work)
    print_done(f"Segment {name} is kept.", {"segment": name, "kind": "dynamic" if file else "static"}, json=json)


@app.command("import")
def import_(
    name: str, file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)], *, json: Json = False
) -> None:
    """Add the contacts of a CSV file, by its column `id`, to a static segment."""
    ids = _read_ids(file)

    async def work(session: AsyncSession) -> int:
        changed = await segments.add_members(session, name, ids, source=cli_actor())
        await record_audit(session, actor=cli_actor(), action="segment.add", subject=f"segment:{name}")
        return len(changed)

    added = in_transaction(work)
    print_done(f"{added} contacts became members.", {"changed": added}, json=json)


@app.command()
def remove(
    name: str,
    contacts: Annotated[list[UUID] | None, typer.Argument(help="Ids of contacts.")] = None,
    *,
    file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="CSV with a column `id`.")] = None,
    json: Json = False,
) -> None:
    """Take contacts out of a static segment, by their ids or those of a CSV file."""
    ids = [*(contacts or ()), *(_read_ids(file) if file else ())]
    if not ids:
        raise typer.BadParameter("give ids of contacts, or a file of them", param_hint="CONTACTS")

    async def work(session: AsyncSession) -> int:
        changed = await segments.remove_members(session, name, ids)
        await record_audit(session, actor=cli_actor(), action="segment.remove", subject=f"segment:{name}")
        return len(changed)

    removed = in_transaction(work)
    print_done(f"{removed} contacts are members no longer.", {"changed": removed}, json=json)


@app.command()
def export(
    name: str,
    *,
    output: Annotated[Path | None, typer.Option(dir_okay=False, help="A file, else standard output.")] = None,
    json: Json = False,
) -> None:
    """Write the members as CSV, which `import` reads, or as one JSON document a line."""
    if output is None:
        in_transaction(lambda session: _write_members(session, name, sys.stdout, json=json))
        return
    with output.open("w", newline="") as lines:
        count = in_transaction(lambda session: _write_members(session, name, lines, json=json))
    Console().print(f"{count} members are in {output}.", markup=False)


@app.command()
def preview(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON of a definition.")],
    *,
    json: Json = False,
) -> None:
    """How many contacts a definition finds now, ten of them, and how dear the statement is; nothing is kept."""
    condition = _read_definition(file)

    async def work(session: AsyncSession) -> Preview:
        now = await segments.database_now(session)
        return await preview_condition(session, condition, Account.at(read_settings(), now))

    found = in_transaction(work)
    if json:
        print_json({"count": found.count, "sample": found.sample, "cost": found.cost})
        return
    Console().print(f"{found.count} contacts; the statement is {found.cost}.")
    if found.sample:
        print_rows([{"id": contact} for contact in found.sample], {"id": "some of them"}, empty="")


async def _write_members(session: AsyncSession, name: str, lines: TextIO, *, json: bool) -> int:
    """A page at a time, however many there are. How many there were."""
    segment = await segments.find_segment(session, name)
    table = csv.writer(lines)
    if not json:
        table.writerow(_EXPORTED)
    count, after = 0, None
    while page := await segments.members(session, segment.id, after=after, limit=_PAGE):
        for row in page:
            if json:
                lines.write(dump_json(dict(zip(_EXPORTED, row, strict=True))).decode() + "\n")
            else:
                table.writerow((row[0], row[1].isoformat(), row[2]))
        count, after = count + len(page), page[-1][0]
    return count


def _read_definition(file: Path) -> Condition:
    try:
        return read_condition(json_module.loads(file.read_text()))
    except ValueError as error:
        raise InvalidError(f"{file} is not JSON: {error}") from error


def _read_ids(file: Path) -> list[UUID]:
    with file.open(newline="") as lines:
        try:
            return [UUID(row["id"]) for row in csv.DictReader(lines)]
        except (KeyError, ValueError) as error:
            raise InvalidError(f"{file} has no column id with the ids of contacts") from error
