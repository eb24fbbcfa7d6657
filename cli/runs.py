"""`ordercue runs`."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from api.run_work import RunWork
from cli.actor import cli_actor
from cli.output import Json, print_done, print_json, print_rows
from cli.session import in_transaction
from core.settings import read_settings
from core.temporal import connect
from store.run_list import RunFilter, find_run, list_runs
from store.session import open_database
from store.tables.run import RunState

T = TypeVar("T")
app = typer.Typer(no_args_is_help=True, help="Launches of automations.")
RunId = Annotated[UUID, typer.Argument(help="The run's id.")]
_COLUMNS = {
    "id": "run",
    "automation": "automation",
    "event_type": "event",
    "event_key": "key",
    "state": "state",
    "test": "test",
    "step_id": "step",
    "due_at": "due (UTC)",
}


@app.command("list")
def list_(
    *,
    state: Annotated[RunState | None, typer.Option(help="Only runs in this state.")] = None,
    automation: Annotated[str | None, typer.Option(help="Only runs of this automation.")] = None,
    order: Annotated[str | None, typer.Option(help="Only runs of this externalOrderId.")] = None,
    before: Annotated[UUID | None, typer.Option(help="Older than this run: the next page.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    json: Json = False,
) -> None:
    """Show runs, newest first."""
    wanted = RunFilter((state,) if state else (), automation, order)
    rows = in_transaction(lambda session: list_runs(session, wanted, before=before, limit=limit))
    if json:
        print_json(rows)
    else:
        print_rows(rows, _COLUMNS, empty="No such runs.")


@app.command()
def show(run_id: RunId) -> None:
    """Print one run with its messages as JSON."""
    found = in_transaction(lambda session: find_run(session, run_id))
    print_json({name: value for name, value in found.items() if name != "definition"})


@app.command()
def stop(
    run_id: RunId,
    *,
    reason: Annotated[str, typer.Option(help="Kept with the run.")] = "by an operator",
    json: Json = False,
) -> None:
    """End a run. From now on it sends nothing."""
    _do(lambda work: work.stop(run_id, reason))
    print_done(f"Run {run_id} is stopped.", {"run": run_id, "state": RunState.STOPPED, "reason": reason}, json=json)


@app.command("skip-wait")
def skip_wait(run_id: RunId, *, json: Json = False) -> None:
    """Let a waiting run go on at once; a wait_for takes its `else`."""
    due_at = _move(run_id, None)
    print_done(f"Run {run_id} goes on.", {"run": run_id, "due_at": due_at}, json=json)


@app.command()
def move(
    run_id: RunId,
    *,
    to: Annotated[str, typer.Option(help="ISO 8601 with an offset: 2026-12-01T10:00:00+02:00.")],
    json: Json = False,
) -> None:
    """Give a waiting run another moment to go on."""
    try:
        moment = datetime.fromisoformat(to)
    except ValueError:
        raise typer.BadParameter(f"{to!r} is no moment; write 2026-12-01T10:00:00+02:00", param_hint="--to") from None
    if moment.tzinfo is None:
        raise typer.BadParameter("write it with an offset, such as +02:00 or Z", param_hint="--to")
    due_at = _move(run_id, moment.astimezone(UTC))
    sentence = f"Run {run_id} goes on at {due_at:%Y-%m-%d %H:%M:%S} UTC."
    print_done(sentence, {"run": run_id, "due_at": due_at}, json=json)


def _move(run_id: UUID, to: datetime | None) -> datetime:
    return _do(lambda work: work.move(run_id, to))


def _do(ask: Callable[[RunWork], Awaitable[T]]) -> T:
    async def work() -> T:
        settings = read_settings()
        database = open_database(settings.database_url, pool_size=1)
        try:
            return await ask(RunWork(database, await connect(settings, lazy=True), cli_actor()))
        finally:
            await database.close()

    return asyncio.run(work())
