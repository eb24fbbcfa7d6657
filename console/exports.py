"""Files to keep: members of a segment and figures of reports, as CSV, however many rows there are."""

from collections.abc import AsyncIterator
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from api.csv_answer import CSV, csv_text
from console.report_choice import REPORTS, chosen
from console.visit import ForbiddenError, Visit
from core.errors import NotFoundError, OrdercueError
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


@router.get("/reports/{report}")
async def report(request: Request, report: str) -> Response:
    """The figures that the page of the same filters shows."""
    visit = Visit.of(request)
    if report not in REPORTS:
        return _refused(NotFoundError("report", report))
    wanted = chosen(visit)
    async with visit.read() as session:
        rows = await REPORTS[report].count(session, wanted.filter)
    text = csv_text(rows, REPORTS[report].columns)
    return Response(text, media_type=CSV, headers=_named(f"{report}-{wanted.filter.since}-{wanted.filter.until}.csv"))


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
