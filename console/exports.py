"""Files to keep: members of a segment, figures of the RFM and of reports, as CSV, however many rows there are."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from api.csv_answer import CSV, csv_text
from api.rfm import FLOWS, GRID
from console.attribution_view import Asked
from console.report_choice import REPORTS, chosen
from console.rfm_choice import Days, check_segment, wanted
from console.visit import ForbiddenError, Visit
from core.errors import NotFoundError, OrdercueError
from store import rfm
from store.account import Account
from store.segment_people import named_members
from store.segments import find_segment
from store.tables import Segment
from store.tables.user import Role

router = APIRouter(prefix="/export", include_in_schema=False)

_PAGE = 2000
_MEMBERS = ("id", "name", "email", "phone", "added_at", "source")


@router.get("/segments")
async def members(request: Request, name: str) -> Response:
    """Every member, a page at a time; told in the audit log, for it takes personal data away."""
    visit = Visit.of(request)
    try:
        async with visit.act(Role.OPERATOR, "segment.export", f"segment:{name[:200]}") as session:
            found = await find_segment(session, name)
    except OrdercueError as error:
        return _refused(error)
    return StreamingResponse(_members(visit, found), media_type=CSV, headers=_named(f"segment-{found.name}.csv"))


@router.get("/rfm")
async def grid(request: Request) -> Response:
    """The grid of the page with the same filters."""
    visit = Visit.of(request)
    account = Account.at(visit.services.settings, datetime.now(UTC))
    try:
        async with visit.read() as session:
            await check_segment(session, visit.query)
            rows = await rfm.grid(session, account, wanted(visit.query))
    except OrdercueError as error:
        return _refused(error)
    return Response(csv_text(rows, GRID), media_type=CSV, headers=_named("rfm.csv"))


@router.get("/rfm/flows")
async def flows(request: Request) -> Response:
    """Who moved from where to where, as the page of the same days shows."""
    visit = Visit.of(request)
    days = Days.of(visit)
    async with visit.read() as session:
        rows = await days.flows(visit, session)
    return Response(csv_text(rows, FLOWS), media_type=CSV, headers=_named(f"rfm-{days.since}-{days.until}.csv"))


@router.get("/reports/attribution")
async def attribution(request: Request) -> Response:
    """The figures that the page of the same filters shows."""
    visit = Visit.of(request)
    asked = Asked.of(visit)
    async with visit.read() as session:
        text = csv_text(await asked.count(session), asked.columns)
    name = f"attribution-by-{asked.by}-{asked.period.since}-{asked.period.until}.csv"
    return Response(text, media_type=CSV, headers=_named(name))


@router.get("/reports/{report}")
async def report(request: Request, report: str) -> Response:
    """The figures that the page of the same filters shows."""
    visit = Visit.of(request)
    if report not in REPORTS:
        return _refused(NotFoundError("report", report))
    asked = chosen(visit).filter
    async with visit.read() as session:
        rows = await REPORTS[report].count(session, asked)
    text = csv_text(rows, REPORTS[report].columns)
    return Response(text, media_type=CSV, headers=_named(f"{report}-{asked.since}-{asked.until}.csv"))


async def _members(visit: Visit, found: Segment) -> AsyncIterator[str]:
    after, first = None, True
    while True:
        async with visit.read() as session:
            rows = await named_members(session, found.id, after=after, limit=_PAGE)
        yield csv_text(rows, _MEMBERS, heading=first)
        if len(rows) < _PAGE:
            return
        after, first = rows[-1]["id"], False


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}


def _refused(error: OrdercueError) -> Response:
    status = 403 if isinstance(error, ForbiddenError) else 404
    return PlainTextResponse(str(error), status_code=status)
