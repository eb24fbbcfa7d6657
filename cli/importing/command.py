"""`ordercue orders import`: the command."""

import asyncio
import hashlib
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from api.starter import Starter
from api.wire.reading import OrderRules
from cli.actor import cli_actor
from cli.importing.json_lines import json_records
from cli.importing.lines import Lines, Place, opened
from cli.importing.mapping import Mapping, guess_mapping, mapping_yaml, read_mapping
from cli.importing.record import Record
from cli.importing.running import Importer
from cli.importing.table import Header, csv_records, read_header
from cli.output import Json, print_json
from core.errors import ConflictError, InvalidError
from core.settings import Settings, read_settings
from core.temporal import connect
from store.audit import record_audit
from store.imports import Import, begin_import
from store.imports import Progress as Done
from store.session import Database, open_database


class Format(StrEnum):
    """What a file holds."""

    JSON_LINES = "jsonl"
    CSV = "csv"


def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON lines or CSV; may be gzipped.")],
    *,
    format_: Annotated[
        Format | None, typer.Option("--format", help="By the file's name: .csv, else JSON lines.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="YAML: which column is which field.")
    ] = None,
    historical: Annotated[bool, typer.Option(help="Orders of the past: counted, nothing starts or stops.")] = False,
    rejects: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Where bad rows go; default FILE.rejects.jsonl.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, max=1000, help="Orders of one transaction.")] = 1000,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take the guessed mapping without asking.")] = False,
    again: Annotated[bool, typer.Option(help="Import a file again that was imported before.")] = False,
    json: Json = False,
) -> None:
    """Import a file of orders. Killed, it goes on where it was when it is called again. Exit code 1: rows were bad."""
    kind = format_ or _format_of(file)
    if mapping and kind is Format.JSON_LINES:
        msg = "--mapping is for CSV; JSON lines have the fields of the API"
        raise InvalidError(msg)
    reject_file = rejects or file.with_name(f"{file.name}.rejects.jsonl")
    if reject_file.exists() and reject_file.samefile(file):
        msg = "--rejects names the file that is imported; name another one"
        raise InvalidError(msg)
    with opened(file) as (content, raw):
        header, chosen = None, None
        if kind is Format.CSV:
            given = read_mapping(mapping) if mapping else None
            header = read_header(Lines(content, Place(0, 0)), given.delimiter if given else None)
            chosen = given or _agreed_guess(header, yes=yes)
            chosen.require(header.columns)
        options = {"format": kind, "historical": historical, "mapping": chosen and chosen.model_dump(mode="json")}
        work = _Work(
            file=file,
            content=content,
            raw=raw,
            header=header,
            mapping=chosen,
            options=options,
            rejects=reject_file,
            historical=historical,
            batch=batch,
            again=again,
            quiet=json,
        )
        done, before = asyncio.run(work.run(read_settings()))
    _tell(done, before, reject_file, json=json)
    if done.rejected:
        raise typer.Exit(1)


def _format_of(file: Path) -> Format:
    name = file.name.lower().removesuffix(".gz")
    return Format.CSV if name.endswith((".csv", ".tsv")) else Format.JSON_LINES


def _agreed_guess(header: Header, *, yes: bool) -> Mapping:
    guess = guess_mapping(header.columns)
    Console(stderr=True).print(
        f"Guessed from the headings (a mapping file for --mapping):\n{mapping_yaml(guess)}", markup=False
    )
    kept = [column for column in header.columns if column not in guess.columns]
    if kept:
        Console(stderr=True).print(f"Kept under their own names: {', '.join(kept)}", markup=False)
    guess.require(header.columns)
    if not yes:
        if not sys.stdin.isatty():
            msg = "nobody is there to confirm the guess; pass --yes, or a mapping file with --mapping"
            raise InvalidError(msg)
        typer.confirm("Import so?", abort=True, err=True)
    return guess


@dataclass(frozen=True)
class _Work:
    """One call of the command, once it is clear what is to be done."""

    file: Path
    content: BinaryIO
    raw: BinaryIO
    header: Header | None
    mapping: Mapping | None
    options: dict[str, object]
    rejects: Path
    historical: bool
    batch: int
    again: bool
    quiet: bool

    async def run(self, settings: Settings) -> tuple[Done, Done]:
        """What is done now, and what was done before."""
        database = open_database(settings.database_url, pool_size=2)
        client = await connect(settings, lazy=True)
        try:
            async with Starter(client).running() as starter:
                begun = await self._begin(database)
                if begun.done:
                    return begun.progress, begun.progress
                importer = Importer(
                    database, starter, OrderRules.of(settings), self.rejects, self.historical, self.batch
                )
                done = await self._import(importer, begun)
                await starter.drain()
                return done, begun.progress
        finally:
            await database.close()

    async def _begin(self, database: Database) -> Import:
        with self.file.open("rb") as whole:
            digest = hashlib.file_digest(whole, "sha256").digest()
        async with database.transaction() as session:
            begun = await begin_import(
                session, digest, file_name=self.file.name, options=self.options, again=self.again
            )
            if not begun.progress.position:
                await record_audit(
                    session,
                    actor=cli_actor(),
                    action="orders.import",
                    subject=f"import:{begun.id}",
                    details={"format": self.options["format"], "historical": self.historical},
                )
        if begun.options != self.options:
            msg = (
                "this file was imported, or begun, with other options; call it with the same ones to go on, "
                "or with --again to import it anew"
            )
            raise ConflictError(msg)
        return begun

    async def _import(self, importer: Importer, begun: Import) -> Done:
        columns = (TextColumn("{task.fields[rows]}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
        with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), disable=self.quiet) as bar:
            task = bar.add_task("", total=self.file.stat().st_size, rows=_rows(begun.progress))

            def show(progress: Done) -> None:
                bar.update(task, completed=self.raw.tell(), rows=_rows(progress))

            return await importer.run(begun, self._records(begun.progress), show)

    def _records(self, done: Done) -> Iterator[Record]:
        start = Place(done.position, done.line)
        if self.header is None or self.mapping is None:
            return json_records(Lines(self.content, start))
        return csv_records(Lines(self.content, max(start, self.header.end)), self.header, self.mapping)


def _rows(progress: Done) -> str:
    return f"{progress.accepted:,} orders, {progress.rejected:,} rejected"


def _tell(done: Done, before: Done, rejects: Path, *, json: bool) -> None:
    where = str(rejects) if done.rejected else None
    if json:
        print_json(
            {key: asdict(done)[key] for key in ("accepted", "rejected")}
            | {"lines": done.line, "resumed": before.position > 0, "nothingNew": done == before, "rejects": where}
        )
        return
    if done == before and done.position:
        print("This file was imported before; nothing was done. To import it anew pass --again.")
    print(f"{_rows(done)}." + (f" What is wrong with each stands in {where}." if where else ""))
