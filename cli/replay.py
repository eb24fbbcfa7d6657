"""`ordercue replay`: the step before each deploy."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, NamedTuple

import typer
from temporalio.client import Client, WorkflowExecution
from temporalio.worker import Replayer

from cli.output import Json, print_json, print_rows
from core.contracts import AUTOMATION_ATTRIBUTE
from core.settings import read_settings
from core.temporal import DATA_CONVERTER, connect
from worker.main import WORKFLOWS

_INSTALLED = frozenset(one.__name__ for one in WORKFLOWS)
_MOST_LISTED = 50_000
"""Executions that a sample looks at; those behind them are older."""


class Outcome(NamedTuple):
    """What came of replaying one history."""

    workflow_id: str
    kind: str
    error: str | None


def replay(
    *,
    all_: Annotated[bool, typer.Option("--all", help="Every history instead of a sample.")] = False,
    sample: Annotated[
        int, typer.Option(min=1, help="Histories of each kind: workflow type, automation, open or closed.")
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
        async for execution, kind in _chosen(client, sample=sample, days=days)
    ]


async def _chosen(client: Client, *, sample: int | None, days: int) -> AsyncIterator[tuple[WorkflowExecution, str]]:
    """Executions with their kind; at most `sample` of each, newest first."""
    since = datetime.now(UTC) - timedelta(days=days)
    query = f'ExecutionStatus = "Running" OR CloseTime >= "{since:%Y-%m-%dT%H:%M:%SZ}"'
    seen: Counter[str] = Counter()
    async for execution in client.list_workflows(query, limit=None if sample is None else _MOST_LISTED):
        state = "open" if execution.close_time is None else "closed"
        automation = execution.typed_search_attributes.get(AUTOMATION_ATTRIBUTE, "")
        kind = " · ".join(filter(None, (execution.workflow_type, automation, state)))
        seen[kind] += 1
        if sample is None or seen[kind] <= sample:
            yield execution, kind


async def _replay_one(client: Client, replayer: Replayer, execution: WorkflowExecution, kind: str) -> Outcome:
    if execution.workflow_type not in _INSTALLED:  # the SDK takes this for a task that fails now and passes later
        return Outcome(execution.id, kind, f"no workflow {execution.workflow_type} is installed")
    history = await client.get_workflow_handle(execution.id, run_id=execution.run_id).fetch_history()
    try:
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    except Exception as error:  # noqa: BLE001 - whatever it is, it belongs into the report
        return Outcome(execution.id, kind, str(error))
    return Outcome(execution.id, kind, str(result.replay_failure) if result.replay_failure else None)
