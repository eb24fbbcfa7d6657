"""/api/v1/audit: who changed what."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.deps import AdminKey, ServicesDep
from api.openapi import JSON
from api.paging import MOST_LISTED, PageOut, PageQuery, Plain, page
from api.problems import problem_responses
from api.wire.dates import in_utc
from api.wire.order import Moment
from core.document import dump_json
from store.audit import AuditFilter, list_audit

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])

_PROBLEMS = problem_responses(
    {
        400: "A parameter that is wrong or not known.",
        401: "No key, or one that is not known.",
        403: "The key lacks the scope `admin`.",
        503: "The database is away.",
    }
)


class AuditQuery(PageQuery):
    """The parameters of the list."""

    actor: Plain | None = Field(None, description="Who, such as `key:0a1b2c3d4e5f` or `cli:root`.")
    action: Plain | None = Field(None, description="What, such as `automation.pause`.")
    subject: Plain | None = Field(None, description="To what, such as `contact:<id>`.")
    since: Moment | None = Field(None, alias="from", description="Then or later: ISO 8601, else in the account's zone.")
    until: Moment | None = Field(None, alias="to", description="Earlier than this.")


class AuditOut(BaseModel):
    """One change."""

    id: UUID
    at: datetime = Field(description="When.")
    actor: str = Field(description="Who, such as `key:0a1b2c3d4e5f` or `cli:root`.")
    action: str = Field(description="What, such as `automation.pause`.")
    subject: str = Field(description="To what, such as `contact:<id>`.")
    details: dict[str, Any] | None = Field(description="Small facts, nothing personal.")  # Any: JSON


class AuditPage(PageOut):
    """One page of the log, newest first."""

    entries: list[AuditOut] = Field(max_length=MOST_LISTED, description="Newest first.")


@router.get("", response_model=AuditPage, responses=_PROBLEMS)
async def get_audit(services: ServicesDep, _key: AdminKey, query: Annotated[AuditQuery, Query()]) -> Response:
    """Every change made through API, console or command line, newest first, a page at a time."""
    zone, before = services.rules.zone, query.before
    wanted = AuditFilter(
        query.actor,
        query.action,
        query.subject,
        in_utc(query.since, zone) if query.since else None,
        in_utc(query.until, zone) if query.until else None,
    )
    async with services.database.transaction() as session:
        rows = await list_audit(session, wanted, before=before, limit=query.limit + 1)
    return Response(dump_json(page("entries", [row.model_dump() for row in rows], query.limit)), media_type=JSON)
