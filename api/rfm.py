"""/api/v1/rfm: who bought how lately, how often and for how much, from DELIVERED orders."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from sqlalchemy.ext.asyncio import AsyncSession

from api.csv_answer import CSV, rows_answer
from api.deps import ContactsKey, ServicesDep
from api.openapi import JSON
from api.paging import PageQuery, Plain, page
from api.problems import Problem, problem_responses
from api.rfm_out import RecalculationOut, RecalculationStarted, RfmContactsPage, RfmFlows, RfmGrid, RfmScores
from api.services import Services
from api.wire.dates import in_utc
from api.wire.order import Moment
from core.contracts import RECALCULATION_ID
from core.document import dump_json
from core.recalculation import recalculation_progress, start_recalculation
from core.segments.rfm import frequency_labels, recency_labels
from store import rfm
from store.account import Account
from store.segments import find_segment

router = APIRouter(prefix="/api/v1/rfm", tags=["rfm"])

_PROBLEMS = problem_responses(
    {
        400: "A parameter that is wrong or not known.",
        401: "No key, or one that is not known.",
        403: "The key lacks the scope.",
        404: "No such segment.",
        503: "PostgreSQL or Temporal is away.",
    }
)
_OR_CSV = _PROBLEMS | {200: {"description": "The rows.", "content": {CSV: {}}}}
_FIRST, _LAST = 2000, 2100
GRID = ("recency", "frequency", "contacts", "orders", "revenue", "average_check")
FLOWS = ("from_recency", "from_frequency", "to_recency", "to_frequency", "contacts")


class _Which(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    as_of: Moment | None = Field(None, description="Orders dated later are not counted; now, when left out.")
    source: Literal["online", "offline"] | None = Field(None, description="Only orders of this source.")
    store_id: Plain | None = Field(None, description="Only orders of this shop.")
    segment: Plain | None = Field(None, description="Only contacts of this segment.")
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(
        None, description="Whose money is added up; the account's currency, when left out."
    )

    async def read(self, services: Services, session: AsyncSession) -> tuple[Account, rfm.RfmFilter]:
        """What is asked for. Raises Problem 400 and NotFoundError."""
        if self.segment:
            await find_segment(session, self.segment)
        account = Account.at(services.settings, _moment(self.as_of, services) or datetime.now(UTC))
        if self.currency:
            account = account.of(self.currency)
        return account, rfm.RfmFilter(self.source, self.store_id, self.segment)


class RfmQuery(_Which):
    """Parameters of grid and scores."""

    format: Literal["json", "csv"] = "json"


class CellQuery(_Which, PageQuery):
    """Parameters of a cell's contacts."""

    recency: int = Field(ge=0, le=20, description="Number of the recency; 0 is never.")
    frequency: int = Field(ge=0, le=20, description="Number of the frequency.")
    format: Literal["json", "csv"] = "json"


class FlowQuery(BaseModel):
    """Parameters of the flows."""

    model_config = ConfigDict(extra="forbid")

    since: Moment = Field(alias="from", description="Then or later: ISO 8601, else in the account's zone.")
    until: Moment = Field(alias="to", description="Earlier than this.")
    format: Literal["json", "csv"] = "json"


@router.get("", response_model=RfmGrid, responses=_OR_CSV)
async def get_grid(services: ServicesDep, _key: ContactsKey, query: Annotated[RfmQuery, Query()]) -> Response:
    """The grid: each cell's contacts, and its orders, revenue and average check in one currency."""
    async with services.database.transaction() as session:
        account, wanted = await query.read(services, session)
        rows = await rfm.grid(session, account, wanted)
    return rows_answer(
        rows,
        GRID,
        as_csv=query.format == "csv",
        asOf=account.now,
        currency=account.currency,
        recency=recency_labels(account.recency),
        frequency=frequency_labels(account.frequency),
    )


@router.get("/scores", response_model=RfmScores, responses=_OR_CSV)
async def get_scores(services: ServicesDep, _key: ContactsKey, query: Annotated[RfmQuery, Query()]) -> Response:
    """Scores 1 (worst) to 5 (best) by quantiles, among contacts with DELIVERED orders, with their group."""
    async with services.database.transaction() as session:
        account, wanted = await query.read(services, session)
        rows = await rfm.scores(session, account, wanted)
    columns = ("r", "f", "m", "group", "contacts", "revenue")
    return rows_answer(rows, columns, as_csv=query.format == "csv", asOf=account.now, currency=account.currency)


@router.get("/contacts", response_model=RfmContactsPage, responses=_OR_CSV)
async def get_cell(services: ServicesDep, _key: ContactsKey, query: Annotated[CellQuery, Query()]) -> Response:
    """Contacts of a cell, newest first, a page at a time."""
    before = query.before
    async with services.database.transaction() as session:
        account, wanted = await query.read(services, session)
        cell = (query.recency, query.frequency)
        rows = await rfm.cell_contacts(session, account, wanted, cell, before=before, limit=query.limit + 1)
    if query.format == "csv":
        return rows_answer(rows[: query.limit], ("id", "last", "orders", "revenue"), as_csv=True)
    return Response(dump_json(page("contacts", rows, query.limit)), media_type=JSON)


@router.get("/flows", response_model=RfmFlows, responses=_OR_CSV)
async def get_flows(services: ServicesDep, _key: ContactsKey, query: Annotated[FlowQuery, Query()]) -> Response:
    """How many contacts went from which cell to which between two moments; who came back is not counted."""
    since, until = _moment(query.since, services), _moment(query.until, services)
    if since is None or until is None or since >= until:
        raise Problem(400, "empty_range", "`from` is not before `to`.", remedy="Give an earlier `from`.")
    async with services.database.transaction() as session:
        rows = await rfm.flows(session, since, until)
    return rows_answer(rows, FLOWS, as_csv=query.format == "csv")


@router.post("/recalculate", status_code=202, response_model=RecalculationStarted, responses=_PROBLEMS)
async def post_recalculate(services: ServicesDep, _key: ContactsKey) -> Response:
    """Bring every contact's cell and segments up to date now; one such pass at a time."""
    await start_recalculation(services.client)
    return Response(dump_json({"workflowId": RECALCULATION_ID}), 202, media_type=JSON)


@router.get("/recalculate", response_model=RecalculationOut, responses=_PROBLEMS)
async def get_recalculation(services: ServicesDep, _key: ContactsKey) -> Response:
    """How the pass of now is getting on, or what the last one that was asked for came to.

    `state` is `none`, `running`, `completed` or how else it ended; the counts are left out while no worker answers.
    """
    found = await recalculation_progress(services.client)
    return Response(dump_json(found.document()), media_type=JSON)


def _moment(given: datetime | None, services: Services) -> datetime | None:
    if given is None:
        return None
    if not _FIRST <= given.year < _LAST:
        raise Problem(400, "invalid_moment", f"The year is not from {_FIRST} to {_LAST}.", remedy="Give another date.")
    return in_utc(given, services.rules.zone)
