"""/api/v1/reports: revenue, funnel, customers and automations, by day, week or month of the account's zone."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from sqlalchemy.ext.asyncio import AsyncSession

from api.csv_answer import CSV, rows_answer
from api.deps import READS_ORDERS, ServicesDep
from api.openapi import JSON
from api.paging import Plain
from api.problems import Problem, problem_responses
from api.services import Services
from store import reports

_PROBLEMS = problem_responses(
    {
        400: "A parameter that is wrong or not known.",
        401: "No key, or one that is not known.",
        403: "The key lacks the scope `orders:read`.",
        503: "The database is away.",
    }
) | {200: {"content": {JSON: {}, CSV: {}}}}
router = APIRouter(prefix="/api/v1/reports", tags=["reports"], dependencies=[READS_ORDERS], responses=_PROBLEMS)

_EARLIEST, _LATEST = date(2000, 1, 1), date(2100, 1, 1)
COLUMNS = {
    "revenue": (
        *("period", "currency", "orders", "revenue", "average_check"),
        *("expected_orders", "expected", "cancelled_orders", "cancelled"),
    ),
    "customers": ("period", "new", "returning"),
    "funnel": ("status", "now", "ever", "median_seconds"),
    "automations": ("automation", "runs", "sent", "opened", "clicked"),
}


class ReportQuery(BaseModel):
    """Parameters of a report."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    since: date = Field(alias="from", ge=_EARLIEST, le=_LATEST, description="First day.")
    until: date = Field(alias="to", ge=_EARLIEST, le=_LATEST, description="Last day, included.")
    by: Literal["day", "week", "month"] = Field("day", description="Weeks begin on Monday.")
    store_id: Plain | None = Field(None, description="Only orders of this shop.")
    source: Literal["online", "offline"] | None = Field(None, description="Only orders of this source.")
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(None, description="Only this currency.")
    format: Literal["json", "csv"] = "json"

    def filter(self, zone: str) -> reports.ReportFilter:
        """What to count. Raises Problem 400."""
        if self.since > self.until:
            raise Problem(400, "empty_range", "`from` is after `to`.", remedy="Give an earlier `from`.")
        return reports.ReportFilter(self.since, self.until, zone, self.by, self.store_id, self.source, self.currency)


Wanted = Annotated[ReportQuery, Query()]


@router.get("/revenue")
async def get_revenue(services: ServicesDep, query: Wanted) -> Response:
    """DELIVERED orders and their revenue; INITIALIZED and IN_PROGRESS as expected; CANCELLED apart."""
    return await _answer(services, query, "revenue", reports.revenue)


@router.get("/customers")
async def get_customers(services: ServicesDep, query: Wanted) -> Response:
    """Customers whose first DELIVERED order lies in the period, and those who had one before."""
    return await _answer(services, query, "customers", reports.customers)


@router.get("/funnel")
async def get_funnel(services: ServicesDep, query: Wanted) -> Response:
    """Orders of these days by status, now and ever, and the median time from their first status to that one."""
    return await _answer(services, query, "funnel", reports.funnel)


@router.get("/automations")
async def get_automations(services: ServicesDep, query: Wanted) -> Response:
    """Runs launched in these days and what came of their messages; test launches are not counted."""
    return await _answer(services, query, "automations", reports.automations)


async def _answer(
    services: Services,
    query: ReportQuery,
    name: str,
    count: Callable[[AsyncSession, reports.ReportFilter], Awaitable[reports.Rows]],
) -> Response:
    wanted = query.filter(services.settings.account_zone)
    async with services.database.transaction() as session:
        rows = await count(session, wanted)
    return rows_answer(rows, COLUMNS[name], as_csv=query.format == "csv")
