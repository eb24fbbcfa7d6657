"""/click and /open: our own links in mails. A link leads where its signed token says, and nowhere else."""

from base64 import b64decode
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.deps import ServicesDep
from api.pages.markup import PAGE_POLICY, headers, page
from api.pages.words import words_for
from api.services import Services
from automation.template_links import is_followed
from core.links import BadLinkError, Purpose
from core.tracking import is_machine

router = APIRouter(include_in_schema=False)

_PICTURE = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""A transparent GIF of one pixel."""


class _Place(NamedTuple):
    """What a token says."""

    message_id: UUID
    made: datetime
    url: str | None


@router.api_route("/click/{token}", methods=["GET", "HEAD"])
async def click(services: ServicesDep, request: Request, token: str) -> Response:
    """Go where the link leads. It does so although the visit cannot be stored."""
    place = await _place(services, Purpose.CLICK, token)
    if place is None or place.url is None:
        return _gone(request)
    await _note(services, request, place)
    return RedirectResponse(place.url, 302, headers(PAGE_POLICY))


@router.api_route("/open/{token}", methods=["GET", "HEAD"])
async def opened(services: ServicesDep, request: Request, token: str) -> Response:
    """The picture that tells of an opening."""
    place = await _place(services, Purpose.OPEN, token)
    if place is None:
        return _gone(request)
    await _note(services, request, place)
    return Response(_PICTURE, media_type="image/gif", headers=headers(PAGE_POLICY))


async def _place(services: Services, purpose: Purpose, token: str) -> _Place | None:
    try:
        message, made, *more = (await services.links.links()).read(purpose, token)
        place = _Place(UUID(hex=str(message)), datetime.fromtimestamp(int(made), UTC), str(more[0]) if more else None)
    except (BadLinkError, ValueError):
        return None
    return place if place.url is None or is_followed(place.url) else None


async def _note(services: Services, request: Request, place: _Place) -> None:
    if not is_machine(request.method, request.headers):
        await services.visits.note(place.message_id, made=place.made, now=datetime.now(UTC), url=place.url)


def _gone(request: Request) -> Response:
    words = words_for(None, request.headers.get("accept-language"))
    return page(words, words.gone_title, words.gone, status=404)
