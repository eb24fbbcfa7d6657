"""/api/v1/automations/{id}/simulate and /test: an automation tried on one order or event."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.deps import AutomationsKey, ServicesDep
from api.openapi import JSON
from api.problems import problem_responses
from api.simulation import simulate_on
from api.test_launch import launch_test
from api.trial_body import SimulateIn, TestIn
from api.trial_out import Simulated, TestLaunchedOut
from core.document import dump_json

router = APIRouter(prefix="/api/v1/automations", tags=["automations"])

AutomationName = Annotated[str, Path(description="The automation's name or id.")]

_PROBLEMS = problem_responses(
    {
        400: "The body is wrong, or the version cannot be run.",
        401: "No key, or one that is not known.",
        403: "The key lacks the scope.",
        404: "No such automation, version, order or contact.",
        503: "PostgreSQL or Temporal is away.",
    }
)


@router.post("/{automation}/test", status_code=202, response_model=TestLaunchedOut, responses=_PROBLEMS)
async def post_test(services: ServicesDep, key: AutomationsKey, automation: AutomationName, wanted: TestIn) -> Response:
    """Launch a test run: the same workflow and channels, marked TEST everywhere and counted nowhere.

    Only stops that come after the launch end it; uniqueness, pauses and caps do not hold it back.
    """
    launched = await launch_test(services.database, services.client, automation, wanted, actor=f"key:{key.prefix}")
    return Response(dump_json(launched.document), 202, media_type=JSON)


@router.post("/{automation}/simulate", response_model=Simulated, responses=_PROBLEMS)
async def post_simulate(
    services: ServicesDep, key: AutomationsKey, automation: AutomationName, wanted: SimulateIn
) -> Response:
    """Walk an automation in virtual time: the way, what decided, due moments, rendered messages. Sends nothing.

    A stored order is followed by what really came after its event; `definition` tries a draft in place of a version.
    """
    del key
    async with services.database.transaction() as session:
        answer = await simulate_on(session, services.settings, automation, wanted)
    return Response(dump_json(answer), media_type=JSON)
