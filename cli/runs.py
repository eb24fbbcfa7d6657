"""`ordercue runs`."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from activities.dispatch import signal_stop
from cli.actor import cli_actor
from cli.output import Json, print_json, print_rows
from cli.session import in_transaction
from core.contracts import Stop, StopKind
from core.errors import ConflictError
from core.operating import move_wait
from core.settings import read_settings
from core.temporal import connect
from store.audit import record_audit
from store.run_list import find_run, list_runs
from store.runs import record_stops
from store.tables.run import OPEN_STATES, RunState

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
    rows = in_transaction(
        lambda session: list_runs(session, state=state, automation=automation, order=order, before=before, limit=limit)
    )
    if json:
        print_json(rows)
    else:
        print_rows(rows, _COLUMNS, empty="No such runs.")


@app.command()
def show(run_id: RunId) -> None:
    """Print one run with its messages as JSON."""
    print_json(in_transaction(lambda session: find_run(session, run_id)))


@app.command()
def stop(run_id: RunId, *, reason: Annotated[str, typer.Option(help="Kept with the run.")] = "by an operator") -> None:
    """End a run. From now on it sends nothing."""
    why = Stop(kind=StopKind.OPERATOR, reason=reason)

    async def work(session: AsyncSession) -> None:
        run = await find_run(session, run_id)
        if run["state"] not in OPEN_STATES:
            msg = f"run {run_id} is {run['state']} already"
            raise ConflictError(msg)
        await record_stops(session, [(run_id, why.model_dump(mode="json"), None)])
        await _audit(session, "run.stop", run_id)

    async def signal() -> None:
        await signal_stop(await connect(read_settings()), run_id, why)

    in_transaction(work)
    asyncio.run(signal())
    print(f"Run {run_id} is stopped.")


@app.command("skip-wait")
def skip_wait(run_id: RunId) -> None:
    """Let a waiting run go on at once; a wait_for takes its `else`."""
    _move(run_id, None)
    print(f"Run {run_id} goes on.")


@app.command()
def move(
    run_id: RunId, *, to: Annotated[str, typer.Option(help="ISO 8601 with an offset: 2026-12-01T10:00:00+02:00.")]
) -> None:
    """Give a waiting run another moment to go on."""
    try:
        moment = datetime.fromisoformat(to)
    except ValueError:
        raise typer.BadParameter(f"{to!r} is no moment; write 2026-12-01T10:00:00+02:00", param_hint="--to") from None
    if moment.tzinfo is None:
        raise typer.BadParameter("write it with an offset, such as +02:00 or Z", param_hint="--to")
    due_at = _move(run_id, moment.astimezone(UTC))
    print(f"Run {run_id} goes on at {due_at:%Y-%m-%d %H:%M:%S} UTC.")


def _move(run_id: UUID, to: datetime | None) -> datetime:
    async def ask() -> datetime:
        return await move_wait(await connect(read_settings()), run_id, to)

    in_transaction(lambda session: find_run(session, run_id))
    due_at = asyncio.run(ask())
    in_transaction(lambda session: _audit(session, "run.move" if to else "run.skip_wait", run_id, due_at))
    return due_at


async def _audit(session: AsyncSession, action: str, run_id: UUID, due_at: datetime | None = None) -> None:
    details = {"due_at": due_at.isoformat()} if due_at else None
    await record_audit(session, actor=cli_actor(), action=action, subject=f"run:{run_id}", details=details)
