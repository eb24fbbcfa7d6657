"""/api/v1/suppressions: addresses that get nothing, and why."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from sqlalchemy.ext.asyncio import AsyncSession

from api.conflicts import in_transaction
from api.csv_answer import CSV, csv_answer
from api.deps import ContactsKey, ServicesDep
from api.openapi import JSON
from api.paging import PageOut, Plain
from api.problems import Problem, problem_responses
from core.addresses import readable_address
from core.document import dump_json, load_json
from core.settings import Settings
from store.audit import record_audit
from store.suppression_list import (
    BEGINNING,
    COLUMNS,
    After,
    SuppressionFilter,
    add_suppressions,
    key_of,
    list_suppressions,
)
from store.suppressions import release
from store.unsubscriptions import Held

router = APIRouter(prefix="/api/v1/suppressions", tags=["contacts"])

_MOST = 10_000
_PROBLEMS = problem_responses(
    {
        400: "A parameter or the body is wrong, or there is no such channel.",
        401: "No key, or one that is not known.",
        403: "The key lacks the scope `contacts`.",
        503: "The database is away; nothing was done.",
    }
)
_LIST = _PROBLEMS | {
    200: {
        "description": "The rows.",
        "content": {CSV: {}},
        "headers": {
            "X-Next-Cursor": {
                "description": "Of a table: `cursor` of the next page; absent on the last one.",
                "schema": {"type": "string"},
            }
        },
    }
}

Reason = Literal["unsubscribed", "unconfirmed", "bounced", "complained", "manual"]
_Channel = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
_Address = Annotated[str, Field(min_length=1, max_length=320, pattern=r"^[^\x00]*$")]


class SuppressionQuery(BaseModel):
    """The parameters of the list."""

    model_config = ConfigDict(extra="forbid")

    channel: _Channel | None = Field(None, description="Only of this channel, such as `email`.")
    address: Plain | None = Field(None, description="Only of this address, as it is stored.")
    reason: Reason | None = Field(None, description="Only for this reason.")
    limit: Annotated[int, Field(ge=1, le=_MOST)] = Field(1000, description="Rows of a page.")
    cursor: Plain | None = Field(None, description="`nextCursor` of the page before.")
    format: Literal["json", "csv"] = Field("json", description="`csv` for a spreadsheet; X-Next-Cursor leads on.")


class SuppressionsIn(BaseModel):
    """Addresses of one channel."""

    model_config = ConfigDict(extra="forbid")

    channel: _Channel = Field("email", description="Of which channel.")
    addresses: Annotated[list[_Address], Field(min_length=1, max_length=_MOST)] = Field(
        description="E-mails in any case, phones, or what the channel calls an address."
    )
    reason: Reason = Field("manual", description="Obligatory messages pass `unsubscribed` and `unconfirmed` alone.")


class SuppressionOut(BaseModel):
    """An address that gets nothing."""

    model_config = ConfigDict(alias_generator=to_camel)

    channel: str
    address: str = Field(description="The address, as it is stored.")
    reason: Reason
    topic: str = Field(description="The only topic that it gets nothing of; empty: of none.")
    provenance: str = Field(description="Where that came from.")
    created_at: datetime


class SuppressionsPage(PageOut):
    """One page of the list, by channel and address."""

    suppressions: list[SuppressionOut] = Field(max_length=_MOST, description="By channel and address.")


class SuppressionsAdded(BaseModel):
    """What was added."""

    model_config = ConfigDict(alias_generator=to_camel)

    added: int = Field(ge=0, description="How many were not suppressed for this reason before.")
    failed_addresses: list[str] = Field(description="What is no address of the channel.")


class SuppressionsDeleted(BaseModel):
    """What was taken away."""

    model_config = ConfigDict(alias_generator=to_camel)

    deleted: int = Field(ge=0, description="How many there were.")
    failed_addresses: list[str] = Field(description="What is no address of the channel.")


@router.get("", response_model=SuppressionsPage, responses=_LIST)
async def get_suppressions(
    services: ServicesDep, _key: ContactsKey, query: Annotated[SuppressionQuery, Query()]
) -> Response:
    """Suppressions by channel and address, a page at a time; follow `nextCursor` with the same filters."""
    wanted, after = SuppressionFilter(query.channel, query.address, query.reason), _after(query.cursor)
    async with services.database.transaction() as session:
        rows = await list_suppressions(session, wanted, after=after, limit=query.limit)
    cursor = urlsafe_b64encode(dump_json(key_of(rows[-1]))).decode() if len(rows) == query.limit else None
    if query.format == "csv":
        answer = csv_answer(rows, COLUMNS)
        if cursor:
            answer.headers["X-Next-Cursor"] = cursor
        return answer
    named = [{to_camel(name): value for name, value in row.items()} for row in rows]
    return _json({"suppressions": named, "nextCursor": cursor})


@router.post("/add", response_model=SuppressionsAdded, responses=_PROBLEMS)
async def post_add(services: ServicesDep, key: ContactsKey, wanted: SuppressionsIn) -> Response:
    """Write to these addresses no more. Runs that stop on `unsubscribed` end at once when that is the reason."""
    usable, unusable = _read(wanted, services.settings)

    async def work(session: AsyncSession) -> Held:
        who = f"key:{key.prefix}"
        held = await add_suppressions(session, wanted.channel, usable, wanted.reason, provenance="api")
        details = {"added": len(held.added), "reason": wanted.reason}
        await record_audit(session, actor=who, action="suppressions.add", subject=wanted.channel, details=details)
        return held

    held = await in_transaction(services.database, work)
    await services.tell(held)
    return _json({"added": len(held.added), "failedAddresses": unusable})


@router.post("/delete", response_model=SuppressionsDeleted, responses=_PROBLEMS)
async def post_delete(services: ServicesDep, key: ContactsKey, wanted: SuppressionsIn) -> Response:
    """Take suppressions away that have this reason; other reasons of the same addresses stay."""
    usable, unusable = _read(wanted, services.settings)

    async def work(session: AsyncSession) -> list[str]:
        who = f"key:{key.prefix}"
        gone = await release(session, wanted.channel, usable, [wanted.reason], provenance="api")
        details = {"deleted": len(gone), "reason": wanted.reason}
        await record_audit(session, actor=who, action="suppressions.delete", subject=wanted.channel, details=details)
        return gone

    return _json({"deleted": len(await in_transaction(services.database, work)), "failedAddresses": unusable})


def _read(wanted: SuppressionsIn, settings: Settings) -> tuple[list[str], list[str]]:
    read = {one: readable_address(settings, wanted.channel, one) for one in wanted.addresses}
    return [one for one in read.values() if one], [one for one, found in read.items() if not found]


def _after(cursor: str | None) -> After:
    if cursor is None:
        return BEGINNING
    try:
        a, b, c, d = load_json(urlsafe_b64decode(cursor))
    except (ValueError, TypeError):
        a = b = c = d = None
    if not all(isinstance(one, str) and "\x00" not in one for one in (a, b, c, d)):
        raise Problem(400, "invalid_cursor", "The cursor is none of ours.", remedy="Send `nextCursor` as it came.")
    return a, b, c, d


def _json(document: object) -> Response:
    return Response(dump_json(document), media_type=JSON)
