"""/unsubscribe, /confirm and /view. Looking at a page changes nothing: mail scanners look at every link."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from api.conflicts import in_transaction
from api.deps import ServicesDep, read_bytes
from api.pages.markup import MAIL_POLICY, Topic, button, headers, hidden, page, topic_form
from api.pages.words import Words, title_of, words_for
from api.services import Services
from core.links import BadLinkError, Purpose
from store.consent import Linked, linked_message, set_topics
from store.suppressions import ALL_TOPICS, UNSUBSCRIBED, confirm, reasons_of, resubscribe
from store.unsubscriptions import Held, unsubscribe

router = APIRouter(include_in_schema=False)

_LONGEST_FORM = 16 * 1024
_ONE_CLICK = b"One-Click"


class _Visit(NamedTuple):
    """What a link leads to, or no message when it leads nowhere."""

    words: Words
    message: Linked | None
    topic: str = ALL_TOPICS

    @property
    def address(self) -> str:
        """Partly hidden."""
        return hidden(self.message.address or "") if self.message else ""


@router.get("/unsubscribe/{token}")
async def show_unsubscribe(services: ServicesDep, request: Request, token: str) -> HTMLResponse:
    """The page with its buttons."""
    visit = await _visit(services, request, Purpose.UNSUBSCRIBE, token)
    return await _preferences(services, visit, visit.words.ask)


@router.post("/unsubscribe/{token}")
async def post_unsubscribe(services: ServicesDep, request: Request, token: str) -> HTMLResponse:
    """A button was pressed, or a mail program unsubscribes by itself (RFC 8058), as does what is not understood."""
    visit = await _visit(services, request, Purpose.UNSUBSCRIBE, token)
    body = await read_bytes(request, _LONGEST_FORM)
    form = parse_qs(body.decode(errors="replace"))
    choice = (form.get("choice") or [""])[0]
    message = visit.message
    if message is None or message.address is None:
        return _gone(visit.words)
    address, channel = message.address, message.channel

    async def work(session: AsyncSession) -> tuple[str, Held | None]:
        if choice == "again":
            await resubscribe(session, channel, [address], provenance="page")
            return visit.words.back, None
        if choice == "topics":
            names = [one.name for one in await _topics(session, services, visit)]
            await set_topics(session, channel, address, names, form.get("topic") or [])
            return visit.words.saved, None
        how = "one_click" if _ONE_CLICK in body else "page"
        return visit.words.done, await unsubscribe(session, channel, [address], provenance=how)

    said, held = await in_transaction(services.database, work)
    if held is not None:
        await services.tell(held)
    return await _preferences(services, visit, said)


@router.get("/confirm/{token}")
async def show_confirm(services: ServicesDep, request: Request, token: str) -> HTMLResponse:
    """The page with its button."""
    visit = await _visit(services, request, Purpose.CONFIRM, token)
    words = visit.words
    if not visit.address:
        return _gone(words)
    said = words.confirm_ask.format(address=visit.address)
    return page(words, words.confirm_title, said, button("confirm", words.confirm))


@router.post("/confirm/{token}")
async def post_confirm(services: ServicesDep, request: Request, token: str) -> HTMLResponse:
    """The owner of the address wants messages."""
    visit = await _visit(services, request, Purpose.CONFIRM, token)
    message = visit.message
    if message is None or message.address is None:
        return _gone(visit.words)
    channel, address = message.channel, message.address
    await in_transaction(
        services.database, lambda session: confirm(session, channel, address, provenance="confirmation")
    )
    return page(visit.words, visit.words.confirm_title, visit.words.confirmed.format(address=visit.address))


@router.get("/view/{token}")
async def view(services: ServicesDep, request: Request, token: str) -> Response:
    """The message as it was sent."""
    visit = await _visit(services, request, Purpose.VIEW, token)
    content = visit.message.content if visit.message else None
    if not content:
        return _gone(visit.words)
    html = content.get("html") or f"<!doctype html><pre>{escape(content.get('text') or '')}</pre>"
    return HTMLResponse(html, headers=headers(MAIL_POLICY))


async def _visit(services: Services, request: Request, purpose: Purpose, token: str) -> _Visit:
    accepted = request.headers.get("accept-language")
    try:
        first, *more = (await services.links.links()).read(purpose, token)
        message_id = UUID(hex=str(first))
    except (BadLinkError, ValueError):
        return _Visit(words_for(None, accepted), None)
    async with services.database.transaction() as session:
        message = await linked_message(session, message_id)
    words = words_for(message.language if message else None, accepted)
    return _Visit(words, message, str(more[0]) if more else ALL_TOPICS)


async def _preferences(services: Services, visit: _Visit, said: str) -> HTMLResponse:
    words, message = visit.words, visit.message
    if message is None or message.address is None:
        return _gone(words)
    async with services.database.transaction() as session:
        topics = await _topics(session, services, visit)
        known = await reasons_of(session, message.channel, message.address)
    out = (UNSUBSCRIBED, ALL_TOPICS) in known
    first = button("again", words.again) if out else button("all", words.all)
    return page(words, words.title, said.format(address=visit.address), first, topic_form(words, topics))


async def _topics(session: AsyncSession, services: Services, visit: _Visit) -> Sequence[Topic]:
    """Those of the settings, the message's own, and those that the address has left."""
    if visit.message is None or visit.message.address is None:
        return []
    known = await reasons_of(session, visit.message.channel, visit.message.address)
    left = {topic for why, topic in known if why == UNSUBSCRIBED}
    titles = services.settings.topics
    names = dict.fromkeys([*titles, visit.topic, *sorted(left)])
    return [
        Topic(name, title_of(name, titles.get(name, {}), visit.words), not left & {name, ALL_TOPICS})
        for name in names
        if name != ALL_TOPICS
    ]


def _gone(words: Words) -> HTMLResponse:
    return page(words, words.gone_title, words.gone, status=404)
