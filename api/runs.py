"""/api/v1/runs: what runs, and what an operator may ask of it."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from api.deps import AutomationsKey, ServicesDep
from api.openapi import JSON
from api.problems import Problem, problem_responses
from api.run_document import (
    MovedOut,
    MoveIn,
    RunDetail,
    RunQuery,
    RunsPage,
    StopIn,
    run_detail,
    runs_page,
)
from api.run_work import RunWork
from api.services import Services
from core.document import dump_json
from store.run_list import RunFilter, find_run, list_runs
from store.tables import ApiKey

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])

RunId = Annotated[UUID, Path(description="The run's id.")]

_ACCESS = {
    400: "A parameter or the body is wrong.",
    401: "No key, or one that is not known.",
    403: "The key lacks the scope.",
    503: "PostgreSQL or Temporal is away.",
}
_ONE = problem_responses(_ACCESS | {404: "No such run."})
_CHANGE = problem_responses(_ACCESS | {404: "No such run.", 409: "The run does not wait, or has ended."})


@router.get("", response_model=RunsPage, responses=problem_responses(_ACCESS))
async def get_runs(services: ServicesDep, key: AutomationsKey, query: Annotated[RunQuery, Query()]) -> Response:
    """Runs, newest first."""
    del key
    wanted = RunFilter((query.state,) if query.state else (), query.automation, query.order)
    async with services.database.transaction() as session:
        rows = await list_runs(session, wanted, before=query.cursor, limit=query.limit + 1)
    return Response(dump_json(runs_page(rows, query.limit)), media_type=JSON)


@router.get("/{run_id}", response_model=RunDetail, responses=_ONE)
async def get_run(services: ServicesDep, key: AutomationsKey, run_id: RunId) -> Response:
    """One run with its messages and the results of its steps."""
    del key
    async with services.database.transaction() as session:
        return Response(dump_json(run_detail(await find_run(session, run_id))), media_type=JSON)


@router.post("/{run_id}/skip-wait", response_model=MovedOut, responses=_CHANGE)
async def post_skip_wait(services: ServicesDep, key: AutomationsKey, run_id: RunId) -> Response:
    """Let a waiting run go on at once; a wait_for takes its `else`."""
    return await _move(services, key, run_id, None)


@router.post("/{run_id}/move", response_model=MovedOut, responses=_CHANGE)
async def post_move(services: ServicesDep, key: AutomationsKey, run_id: RunId, wanted: MoveIn) -> Response:
    """Give a wait another end. What is due then counts as due then, also for `not_after`."""
    if wanted.to.tzinfo is None:
        raise Problem(400, "no_offset", "`to` has no offset", remedy="write 2026-12-01T10:00:00+02:00")
    return await _move(services, key, run_id, wanted.to.astimezone(UTC))


@router.post("/{run_id}/stop", response_model=RunDetail, responses=_CHANGE)
async def post_stop(
    services: ServicesDep, key: AutomationsKey, run_id: RunId, wanted: StopIn | None = None
) -> Response:
    """End a run. From the answer on it sends nothing."""
    await _work(services, key).stop(run_id, (wanted or StopIn()).reason)
    async with services.database.transaction() as session:
        return Response(dump_json(run_detail(await find_run(session, run_id))), media_type=JSON)


async def _move(services: Services, key: ApiKey, run_id: UUID, to: datetime | None) -> Response:
    due_at = await _work(services, key).move(run_id, to)
    return Response(dump_json({"id": run_id, "dueAt": due_at}), media_type=JSON)


def _work(services: Services, key: ApiKey) -> RunWork:
    return RunWork(services.database, services.client, f"key:{key.prefix}")
