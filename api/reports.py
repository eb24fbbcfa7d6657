"""/api/v1/reports: revenue, funnel, customers and automations, by day, week or month of the account's zone."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from sqlalchemy.ext.asyncio import AsyncSession

from api.csv_answer import CSV, named_rows, rows_answer
from api.deps import READS_ORDERS, ServicesDep
from api.paging import Plain
from api.problems import Problem, problem_responses
from api.report_out import AutomationsReport, CustomersReport, FunnelReport, RevenueReport, TransitionsReport
from api.services import Services
from core.settings import Settings
from store import reports

PROBLEMS = problem_responses(
    {
        400: "A parameter that is wrong or not known.",
        401: "No key, or one that is not known.",
        403: "The key lacks the scope `orders:read`.",
        503: "The database is away.",
    }
) | {200: {"description": "The rows.", "content": {CSV: {}}}}
router = APIRouter(prefix="/api/v1/reports", tags=["reports"], dependencies=[READS_ORDERS], responses=PROBLEMS)

_EARLIEST, _LATEST = date(2000, 1, 1), date(2100, 1, 1)
FirstDay = Annotated[date, Field(alias="from", ge=_EARLIEST, le=_LATEST, description="First day.")]
LastDay = Annotated[date, Field(alias="to", ge=_EARLIEST, le=_LATEST, description="Last day, included.")]
COLUMNS = {
    "revenue": (
        *("period", "currency", "orders", "revenue", "average_check"),
        *("expected_orders", "expected", "cancelled_orders", "cancelled"),
    ),
    "customers": ("period", "new", "returning"),
    "funnel": ("status", "now", "ever", "median_seconds"),
    "transitions": ("from_status", "to_status", "orders", "median_seconds"),
    "automations": ("automation", "runs", "sent", "opened", "clicked", "currency", "orders", "revenue"),
}


class ReportQuery(BaseModel):
    """Parameters of a report."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    since: FirstDay
    until: LastDay
    by: Literal["day", "week", "month"] = Field("day", description="Weeks begin on Monday.")
    store_id: Plain | None = Field(None, description="Only orders of this shop.")
    source: Literal["online", "offline"] | None = Field(None, description="Only orders of this source.")
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = Field(None, description="Only this currency.")
    compare: Literal["previous"] | None = Field(
        None, description="Also the days right before, as many; of whole months as many months."
    )
    format: Literal["json", "csv"] = "json"

    def filter(self, settings: Settings) -> reports.ReportFilter:
        """What to count. Raises Problem 400."""
        require_range(self.since, self.until)
        return reports.ReportFilter(
            self.since,
            self.until,
            settings.account_zone,
            self.by,
            self.store_id,
            self.source,
            self.currency,
            settings.attribution_click_days,
            settings.attribution_open_days,
        )


def require_range(since: date, until: date) -> None:
    """Raise Problem 400 for days that end before they begin."""
    if since > until:
        raise Problem(400, "empty_range", "`from` is after `to`.", remedy="Give an earlier `from`.")


Wanted = Annotated[ReportQuery, Query()]


@router.get("/revenue", response_model=RevenueReport)
async def get_revenue(services: ServicesDep, query: Wanted) -> Response:
    """DELIVERED orders and their revenue; INITIALIZED and IN_PROGRESS as expected; CANCELLED apart."""
    return await _answer(services, query, "revenue", reports.revenue)


@router.get("/customers", response_model=CustomersReport)
async def get_customers(services: ServicesDep, query: Wanted) -> Response:
    """Customers whose first DELIVERED order lies in the period, and those who had one before."""
    return await _answer(services, query, "customers", reports.customers)


@router.get("/funnel", response_model=FunnelReport)
async def get_funnel(services: ServicesDep, query: Wanted) -> Response:
    """Orders of these days by status, now and ever, and the median time from their first status to that one."""
    return await _answer(services, query, "funnel", reports.funnel)


@router.get("/transitions", response_model=TransitionsReport)
async def get_transitions(services: ServicesDep, query: Wanted) -> Response:
    """From which status orders of these days came to which next, and the median time between the two."""
    return await _answer(services, query, "transitions", reports.transitions)


@router.get("/automations", response_model=AutomationsReport)
async def get_automations(services: ServicesDep, query: Wanted) -> Response:
    """Runs launched in these days, what came of their messages, and orders placed in these days that messages led to.

    Test launches are not counted. One row for each currency.
    """
    return await _answer(services, query, "automations", reports.automations)


async def _answer(
    services: Services,
    query: ReportQuery,
    name: str,
    count: Callable[[AsyncSession, reports.ReportFilter], Awaitable[reports.Rows]],
) -> Response:
    wanted = query.filter(services.settings)
    earlier = wanted.before() if query.compare else None
    async with services.database.transaction() as session:
        rows = await count(session, wanted)
        before = await count(session, earlier) if earlier else []
    if earlier is None:
        return rows_answer(rows, COLUMNS[name], as_csv=query.format == "csv")
    if query.format == "csv":
        told = [{"range": "asked"} | row for row in rows] + [{"range": "previous"} | row for row in before]
        return rows_answer(told, ("range", *COLUMNS[name]), as_csv=True)
    previous = {"from": earlier.since, "to": earlier.until, "rows": named_rows(before)}
    return rows_answer(rows, COLUMNS[name], as_csv=False, previous=previous)
