"""/api/v1/event and /api/v1/events."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from api.conflicts import in_transaction
from api.deps import EventsKey, ServicesDep, read_bytes, require_json
from api.event_document import event_document, event_story
from api.event_out import EventDetail, EventsPage, EventStored, EventTypes
from api.openapi import JSON, json_body
from api.paging import PageQuery, Plain, page
from api.problems import Problem, problem_responses
from api.wire.dates import in_utc
from api.wire.event import MAX_EVENT_BYTES, EventIn, PostedEvent, read_event
from api.wire.order import Moment
from api.wire.reading import OrderRules
from core.document import dump_json
from core.settings import Settings
from store.contacts import surviving_id
from store.custom_events import NewEvent, find_order_id, first_event, record_events
from store.event_list import EventFilter, find_event, list_events, list_types
from store.resolving import resolve

router = APIRouter(prefix="/api/v1", tags=["events"])

_ACCESS = {
    401: "No key, or one that is not known.",
    403: "The key lacks the scope `events`.",
    503: "The database is away; nothing was accepted.",
}
_WRITE = problem_responses(
    _ACCESS | {400: "Not JSON, or a field is wrong.", 413: "Over 20 KB.", 415: "The body is not sent as JSON."}
)
_LIST = problem_responses(_ACCESS | {400: "A parameter that is wrong or not known."})
_ONE = problem_responses(_ACCESS | {400: "Not an id.", 404: "No such event."})


async def _event_body(request: Request) -> bytes:
    require_json(request)
    return await read_bytes(request, MAX_EVENT_BYTES)


EventId = Annotated[UUID, Path(description="The event's id.")]


class EventQuery(PageQuery):
    """The parameters of the list."""

    type: Plain | None = Field(None, description="Only events of this type.")
    key: Plain | None = Field(None, description="Only events with this key; an order's is its externalOrderId.")
    contact_id: UUID | None = Field(None, description="Only events of this contact.")
    since: Moment | None = Field(
        None, alias="from", description="Only events that came then or later: ISO 8601, else in the account's zone."
    )
    until: Moment | None = Field(None, alias="to", description="Only events that came earlier than this.")
    errors: bool = Field(False, description="Only events of which a run or a message failed.")

    def filter(self, rules: OrderRules) -> EventFilter:
        """What to look for. Raises Problem 400."""
        since = in_utc(self.since, rules.zone) if self.since else None
        until = in_utc(self.until, rules.zone) if self.until else None
        if since and until and since >= until:
            raise Problem(400, "empty_range", "`from` is not before `to`.", remedy="Give an earlier `from`.")
        return EventFilter(self.type, self.key, self.contact_id, since, until, self.errors)


@router.post("/event", response_model=EventStored, responses=_WRITE, openapi_extra=json_body(EventIn))
async def post_event(services: ServicesDep, key: EventsKey, body: Annotated[bytes, Depends(_event_body)]) -> Response:
    """Record one event of the shop's own; automations start, go on and stop by it as by an order's.

    Its contact is found by the parameters contactId, externalCustomerId, email and phone, and made if there is none.
    A parameter externalOrderId ties it to that order.
    """
    event = read_event(body, services.rules)

    async def work(session: AsyncSession) -> tuple[UUID, UUID, UUID | None]:
        contact_id = await _contact(session, event, services.settings)
        order_id = await find_order_id(session, event.external_order_id) if event.external_order_id else None
        new = NewEvent(event.event_type, event.event_key, event.params, contact_id, order_id)
        batch_id = await record_events(session, f"api:{key.prefix}", [new])
        return batch_id, await first_event(session, batch_id), contact_id

    batch_id, event_id, contact_id = await in_transaction(services.database, work)
    services.starter.start(batch_id)
    if key.legacy_empty_body:
        return Response(status_code=200)
    return _json({"id": event_id, "contactId": contact_id})


@router.get("/events", response_model=EventsPage, responses=_LIST)
async def get_events(services: ServicesDep, _key: EventsKey, query: Annotated[EventQuery, Query()]) -> Response:
    """Events of every kind, newest first, a page at a time; follow `nextCursor` with the same filters."""
    wanted, before = query.filter(services.rules), query.before
    async with services.database.transaction() as session:
        rows = await list_events(session, wanted, before=before, limit=query.limit + 1)
    return _json(page("events", [event_document(row) for row in rows], query.limit))


@router.get("/events/types", response_model=EventTypes, responses=_LIST)
async def get_types(services: ServicesDep, _key: EventsKey) -> Response:
    """Every type of event that has come, and when it last did; at most 1000."""
    async with services.database.transaction() as session:
        rows = await list_types(session)
    return _json({"types": [{"type": row["event_type"], "lastReceivedAt": row["last_received_at"]} for row in rows]})


@router.get("/events/{event_id}", response_model=EventDetail, responses=_ONE)
async def get_event(services: ServicesDep, _key: EventsKey, event_id: EventId) -> Response:
    """One event with its decisions, runs and messages, each with its reason."""
    async with services.database.transaction() as session:
        row = await find_event(session, event_id)
    return _json(event_story(row))


async def _contact(session: AsyncSession, event: PostedEvent, settings: Settings) -> UUID | None:
    if event.contact_id is not None:
        known = await surviving_id(session, event.contact_id)
        if known is not None:
            return known
    matches = await resolve(
        session, {0: event.claim}, match_order=settings.match_order, source="event", now=datetime.now(UTC)
    )
    return matches[0].person.id if matches else None


def _json(document: object) -> Response:
    return Response(dump_json(document), media_type=JSON)
