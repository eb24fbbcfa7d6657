"""`ordercue replay`: the step before each deploy."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Annotated, NamedTuple

import typer
from temporalio.client import Client, WorkflowExecution
from temporalio.worker import Replayer

from cli.output import Json, print_json, print_rows
from cli.replay_sample import chosen
from core.settings import read_settings
from core.temporal import DATA_CONVERTER, connect
from worker.main import WORKFLOWS

_INSTALLED = frozenset(one.__name__ for one in WORKFLOWS)


class Outcome(NamedTuple):
    """What came of replaying one history."""

    workflow_id: str
    kind: str
    error: str | None


def replay(
    *,
    all_: Annotated[bool, typer.Option("--all", help="Every history instead of a sample.")] = False,
    sample: Annotated[
        int, typer.Option(min=1, help="Histories of each kind: workflow type, automation, how long open, or closed.")
    ] = 20,
    days: Annotated[
        int, typer.Option(min=0, help="Closed within so many days; the open ones are always looked at.")
    ] = 7,
    json: Json = False,
) -> None:
    """Replay histories of the connected Temporal against the installed code. Exit code 1 when one does not replay."""
    outcomes = asyncio.run(_replay(sample=None if all_ else sample, days=days))
    failed = [one for one in outcomes if one.error]
    kinds = Counter(one.kind for one in outcomes)
    if json:
        print_json({"replayed": len(outcomes), "kinds": kinds, "failed": [one._asdict() for one in failed]})
    else:
        rows = [{"kind": kind, "count": count, "failed": _count(failed, kind)} for kind, count in sorted(kinds.items())]
        print_rows(
            rows,
            {"kind": "histories of", "count": "replayed", "failed": "failed"},
            empty="There are no histories.",
        )
        for one in failed:
            print(f"{one.workflow_id}: {one.error}")
        if failed:
            print("Do not deploy: put the change behind workflow.patched(), then replay again.")
    if failed:
        raise typer.Exit(1)


def _count(outcomes: list[Outcome], kind: str) -> int:
    return sum(one.kind == kind for one in outcomes)


async def _replay(*, sample: int | None, days: int) -> list[Outcome]:
    client = await connect(read_settings())
    replayer = Replayer(workflows=WORKFLOWS, data_converter=DATA_CONVERTER)
    return [
        await _replay_one(client, replayer, execution, kind)
        async for execution, kind in chosen(client, sample=sample, days=days, now=datetime.now(UTC))
    ]


async def _replay_one(client: Client, replayer: Replayer, execution: WorkflowExecution, kind: str) -> Outcome:
    if execution.workflow_type not in _INSTALLED:  # the SDK takes this for a task that fails now and passes later
        return Outcome(execution.id, kind, f"no workflow {execution.workflow_type} is installed")
    history = await client.get_workflow_handle(execution.id, run_id=execution.run_id).fetch_history()
    try:
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    except Exception as error:  # noqa: BLE001 - whatever it is, it belongs into the report
        return Outcome(execution.id, kind, str(error))
    return Outcome(execution.id, kind, str(result.replay_failure) if result.replay_failure else None)
