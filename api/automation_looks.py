"""/api/v1/automations/{automation}/looks: what became of a regular automation's looks at its segment."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.automation_answers import PROBLEMS
from api.automation_version_out import LooksPage
from api.automations import Name
from api.csv_answer import CSV, named_rows, rows_answer
from api.deps import AutomationsKey, ServicesDep
from api.openapi import JSON
from api.wire.dates import in_utc
from api.wire.order import Moment
from core.document import dump_json
from store import automations
from store.regular import LOOK_COLUMNS, list_looks, look_document

router = APIRouter(prefix="/api/v1/automations", tags=["automations"])


class LooksQuery(BaseModel):
    """Parameters of the looks."""

    model_config = ConfigDict(extra="forbid")

    before: Moment | None = Field(None, description="Only looks that were due earlier than this.")
    limit: int = Field(50, ge=1, le=200, description="How many a page has at most.")
    format: Literal["json", "csv"] = "json"


@router.get("/{automation}/looks", response_model=LooksPage, responses=PROBLEMS | {200: {"content": {CSV: {}}}})
async def get_looks(
    services: ServicesDep, _key: AutomationsKey, automation: Name, query: Annotated[LooksQuery, Query()]
) -> Response:
    """Looks of a regular automation, the newest first; `nextBefore` leads to the next page.

    `launched` members got an event of the look; for `known` ones an earlier run stood in the way.
    """
    before = in_utc(query.before, services.rules.zone) if query.before else None
    async with services.database.transaction() as session:
        found = await automations.find(session, automation)
        rows = await list_looks(session, found.id, before=before, limit=query.limit + 1)
    looks = [look_document(one) for one in rows[: query.limit]]
    if query.format == "csv":
        return rows_answer(looks, LOOK_COLUMNS, as_csv=True)
    following = looks[-1]["due_at"] if len(rows) > query.limit else None
    return Response(dump_json({"looks": named_rows(looks), "nextBefore": following}), media_type=JSON)
