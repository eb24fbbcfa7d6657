"""/api/v1/reports/attribution: which messages led to orders, and what the arms of splits made of their people."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.attribution_out import AttributionReport, LedOrdersPage
from api.csv_answer import csv_answer, rows_answer
from api.deps import READS_ORDERS, ServicesDep
from api.openapi import JSON
from api.paging import PageQuery, Plain, page
from api.reports import PROBLEMS, FirstDay, LastDay, require_range
from core.document import dump_json
from core.settings import Settings
from store.arms import ARM_COLUMNS, arms
from store.attribution import ORDER_COLUMNS, Period, attribution, columns, led_orders

router = APIRouter(
    prefix="/api/v1/reports/attribution", tags=["reports"], dependencies=[READS_ORDERS], responses=PROBLEMS
)


class AttributionQuery(BaseModel):
    """Parameters of the report."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    since: FirstDay
    until: LastDay
    by: Literal["automation", "version", "step", "message", "arm"] = Field(
        "automation", description="`message`: by channel and template. `arm`: people divided by `split` steps."
    )
    automation: Plain | None = Field(None, description="Only the automation of this name.")
    format: Literal["json", "csv"] = "json"

    def period(self, settings: Settings) -> Period:
        """What to count. Raises Problem 400."""
        require_range(self.since, self.until)
        return Period.of(settings, self.since, self.until, self.automation)


class LedQuery(PageQuery):
    """Parameters of the list of orders."""

    since: FirstDay
    until: LastDay
    automation: Plain | None = Field(None, description="Only the automation of this name.")
    format: Literal["json", "csv"] = "json"


@router.get("", response_model=AttributionReport)
async def get_attribution(services: ServicesDep, query: Annotated[AttributionQuery, Query()]) -> Response:
    """Messages sent in these days and how far they came; orders placed in these days that messages led to.

    One row for each currency, in which the counts of messages are repeated. By `arm`: people who were divided in these
    days, and what they bought after it, compared with those in the holdout arm. docs/figures.md defines each figure.
    """
    period = query.period(services.settings)
    async with services.database.transaction() as session:
        if query.by == "arm":
            rows, names = await arms(session, period), ARM_COLUMNS
        else:
            rows, names = await attribution(session, period, query.by), columns(query.by)
    return rows_answer(rows, names, as_csv=query.format == "csv")


@router.get("/orders", response_model=LedOrdersPage)
async def get_led_orders(services: ServicesDep, query: Annotated[LedQuery, Query()]) -> Response:
    """Orders placed in these days that a message led to, each with its message, the one that arrived last first."""
    require_range(query.since, query.until)
    period = Period.of(services.settings, query.since, query.until, query.automation)
    async with services.database.transaction() as session:
        rows = await led_orders(session, period, before=query.before, limit=query.limit + 1)
    if query.format == "csv":
        return csv_answer(rows[: query.limit], ORDER_COLUMNS)
    told = [{to_camel(name): value for name, value in row.items()} for row in rows]
    return Response(dump_json(page("orders", told, query.limit)), media_type=JSON)
