"""`ordercue backtest`: what an automation would have done with the events of the past."""

import asyncio
import csv
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from activities.backtesting import run_backtest
from automation.definition import definition_json, load_definition
from cli.backtest_table import figures, show
from cli.output import Json, print_json
from core.backtests import BacktestAsked, BacktestProgress, BacktestReport
from core.errors import InvalidError
from core.settings import Settings, read_settings
from store.session import open_database


def backtest(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML or JSON of an automation.")],
    *,
    since: Annotated[str, typer.Option("--from", help="Date or moment, in the account's zone unless it says.")],
    until: Annotated[str | None, typer.Option("--to", help="Default: now.")] = None,
    more_than: Annotated[int, typer.Option(min=1, help="Count contacts with more messages in any 7 days.")] = 3,
    historical: Annotated[bool, typer.Option("--historical", help="Imported orders of the past act too.")] = False,
    json: Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print figure,name,value lines.")] = False,
) -> None:
    """Run an automation over stored events in virtual time. Sends nothing and writes nothing."""
    settings = read_settings()
    definition = load_definition(file.read_text())
    asked = BacktestAsked(
        definition=definition_json(definition),
        since=_moment(since, settings, "--from"),
        until=_moment(until, settings, "--to") if until else datetime.now(UTC),
        most_messages=more_than,
        historical=historical,
    )
    if asked.since >= asked.until:
        raise InvalidError("--from is not before --to", field="--from")
    report = asyncio.run(_run(settings, asked))
    if json:
        print_json(report.model_dump(mode="json", by_alias=True))
    elif as_csv:
        csv.writer(sys.stdout).writerows([("figure", "name", "value"), *figures(report)])
    else:
        show(report)


async def _run(settings: Settings, asked: BacktestAsked) -> BacktestReport:
    database = open_database(settings.database_url, pool_size=1)
    columns: tuple[Any, ...] = (  # columns of rich
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Events", total=None)

            def tell(progress: BacktestProgress) -> None:
                bar.update(task, completed=progress.done, total=progress.total)

            return await run_backtest(database, settings, asked, tell)
    finally:
        await database.close()


def _moment(text: str, settings: Settings, option: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidError(
            f"{option}: {text!r} is no date; write 2026-01-31 or 2026-01-31T10:00", field=option
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=settings.zone)
