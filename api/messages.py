"""/api/v1/messages: the ledger."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import AutomationsKey, ServicesDep
from api.message_out import MessageDetail, MessagesPage
from api.openapi import JSON
from api.paging import PageQuery, Plain, page
from api.problems import problem_responses
from automation.reasons import message_sentence
from core.document import dump_json
from core.resending import start_resend
from store.message_list import (
    MessageFilter,
    Row,
    find_message,
    list_messages,
    resolve_as_sent,
    resolve_by_resend,
)
from store.tables.message import MessageState

router = APIRouter(prefix="/api/v1/messages", tags=["messages"])

_COMMON = {
    400: "A parameter that is wrong or not known.",
    401: "No key, or one that is not known.",
    403: "The key lacks the scope `automations`.",
    503: "PostgreSQL or Temporal is away.",
}
_MISSING = {404: "No such message."}
_PROBLEMS = problem_responses(_COMMON)
_PROBLEMS_OF_ONE = problem_responses(_COMMON | _MISSING)
_PROBLEMS_OF_RESOLVE = problem_responses(_COMMON | _MISSING | {409: "The message's outcome is known."})


class MessageQuery(PageQuery):
    """The parameters of the list."""

    state: MessageState | None = Field(None, description="Only messages in this state.")
    channel: Plain | None = Field(None, description="Only messages of this channel, such as `email`.")
    run_id: UUID | None = Field(None, description="Only messages of this run.")
    order: Plain | None = Field(None, description="Only messages of this externalOrderId.")


class ResolveIn(BaseModel):
    """What an operator knows or wants."""

    model_config = ConfigDict(extra="forbid")

    outcome: Literal["sent", "resend"] = Field(description="It arrived, or it is to be sent again.")


@router.get("", response_model=MessagesPage, responses=_PROBLEMS)
async def get_messages(
    services: ServicesDep, _key: AutomationsKey, query: Annotated[MessageQuery, Query()]
) -> Response:
    """Messages, newest first, a page at a time, each with a sentence; without contents and addresses."""
    wanted, before = MessageFilter(query.state, query.channel, query.run_id, query.order), query.before
    async with services.database.transaction() as session:
        rows = await list_messages(session, wanted, before=before, limit=query.limit + 1)
    return _answer(page("messages", [_document(row) for row in rows], query.limit))


@router.get("/{message_id}", response_model=MessageDetail, responses=_PROBLEMS_OF_ONE)
async def get_message(services: ServicesDep, _key: AutomationsKey, message_id: UUID) -> Response:
    """One message, with its address and what was sent."""
    async with services.database.transaction() as session:
        return _answer(_document(await find_message(session, message_id)))


@router.post("/{message_id}/resolve", response_model=MessageDetail, responses=_PROBLEMS_OF_RESOLVE)
async def post_resolve(services: ServicesDep, key: AutomationsKey, message_id: UUID, wanted: ResolveIn) -> Response:
    """Settle a message whose outcome is unknown. Sending again asks the last look once more; it may be skipped."""
    actor, now = f"key:{key.prefix}", datetime.now(UTC)
    async with services.database.transaction() as session:
        if wanted.outcome == "sent":
            resend = None
            await resolve_as_sent(session, message_id, actor=actor, now=now)
        else:
            resend = await resolve_by_resend(session, message_id, actor=actor, now=now)
        row = await find_message(session, message_id)
    if resend is not None:
        await start_resend(services.client, resend)
    return _answer(_document(row))


_NAMES = {
    "run_id": "runId",
    "step_id": "step",
    "created_at": "createdAt",
    "updated_at": "updatedAt",
    "sent_at": "sentAt",
    "claimed_at": "claimedAt",
    "due_at": "dueAt",
    "provider_id": "providerId",
    "order_id": "orderId",
    "contact_id": "contactId",
}


def _document(row: Row) -> dict[str, Any]:  # Any: JSON values
    told = {_NAMES.get(name, name): value for name, value in row.items()}
    return told | {"sentence": message_sentence(row["state"], row["reason"])}


def _answer(document: dict[str, Any]) -> Response:  # Any: JSON values
    return Response(dump_json(document), media_type=JSON)
