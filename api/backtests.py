"""/api/v1/backtests: asked for, then worked on by a worker, then fetched."""

from datetime import timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Path, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from api.backtest_out import BacktestOut, BacktestStarted
from api.backtest_work import check_backtest, look_at_backtest, start_backtest
from api.deps import AutomationsKey, ServicesDep
from api.openapi import JSON
from api.problems import problem_responses
from automation.definition import build_definition, definition_json
from core.backtests import BacktestAsked
from core.document import dump_json
from store import automations

router = APIRouter(prefix="/api/v1/backtests", tags=["backtests"])

BacktestNumber = Annotated[UUID, Path(description="`id` of the answer to POST.")]
_LONGEST = timedelta(days=5 * 366)
_PROBLEMS = {401: "No key, or one that is not known.", 403: "The key lacks the scope.", 503: "A server is away."}
_STARTED = problem_responses(_PROBLEMS | {400: "The definition or time is wrong."}) | {
    202: {"headers": {"Location": {"description": "`url` of the answer.", "schema": {"type": "string"}}}}
}


class BacktestIn(BaseModel):
    """A definition, or the name of an automation, and a time."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")

    automation: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")] | None = Field(
        None, description="Name or id of an automation, instead of `definition`."
    )
    version: int | None = Field(None, ge=1, description="Of `automation`; default: the live one.")
    definition: dict[str, Any] | None = Field(None, description="A draft.")  # JSON, read by build_definition
    since: AwareDatetime = Field(alias="from", description="Events that came then or later.")
    until: AwareDatetime = Field(alias="to", description="Events that came earlier than this.")
    most_messages: int = Field(3, ge=1, le=1000, description="Contacts with more than this in any 7 days are counted.")
    historical: bool = Field(False, description="Imported orders of the past act too, when they came about.")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if (self.automation is None) == (self.definition is None):
            raise PydanticCustomError("backtest", "write either automation or definition")
        if not timedelta() < self.until - self.since <= _LONGEST:
            raise PydanticCustomError("backtest", "`from` is before `to`, at most 5 years")
        return self


@router.post("", status_code=202, response_model=BacktestStarted, responses=_STARTED)
async def post_backtest(services: ServicesDep, key: AutomationsKey, wanted: BacktestIn) -> Response:
    """Ask for a backtest. It sends nothing and writes nothing but its report, which the answer's `url` gives."""
    del key
    definition = await _definition(services, wanted)
    asked = BacktestAsked(
        definition=definition,
        since=wanted.since,
        until=wanted.until,
        most_messages=wanted.most_messages,
        historical=wanted.historical,
    )
    number = await start_backtest(services.client, asked)
    url = f"/api/v1/backtests/{number}"
    return Response(dump_json({"id": number, "state": "running", "url": url}), 202, {"Location": url}, JSON)


@router.get(
    "/{number}",
    response_model=BacktestOut,
    responses=problem_responses(_PROBLEMS | {404: "No such backtest, or one of long ago."}),
)
async def get_backtest(services: ServicesDep, key: AutomationsKey, number: BacktestNumber) -> Response:
    """Progress while it runs, the report when it is done. Reports are kept as long as Temporal keeps workflows."""
    del key
    found = await look_at_backtest(services.client, number)
    return Response(dump_json({"id": number} | found.document()), media_type=JSON)


async def _definition(services: ServicesDep, wanted: BacktestIn) -> dict[str, Any]:  # JSON
    if wanted.definition is not None:
        definition = build_definition(wanted.definition)
        check_backtest(definition)
        return definition_json(definition)
    async with services.database.transaction() as session:
        found = await automations.find(session, wanted.automation or "")
        version = await automations.version(session, found.id, wanted.version or found.live_number or 0)
        return version.definition
