"""How a rendered message is handed to its provider, and how Temporal is told to do it again."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.heartbeats import heartbeats
from channels.base import Accepted, AddressKind, Channel, Later, Outcome, Outgoing, Refused, Unknown
from core.errors import UnavailableError
from core.settings import Settings
from store.session import Database, is_conflict
from store.tables.message import MessageState

_BETWEEN_WRITES = 0.5  # seconds
_TIME_TO_SAY_SO = timedelta(seconds=30)
"""Before the end of an attempt; behind it Temporal would not hear what became of it."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Settled:
    """What is recorded of a call."""

    state: MessageState
    reason: dict[str, Any] | None = None  # Any: JSON
    provider_id: str | None = None
    later: Later | None = None
    """To be raised by `again` once it is recorded."""


async def call_provider(
    channel: Channel, settings: Settings, message_id: UUID, address: str, content: Mapping[str, Any]
) -> Outcome:
    """Try once, outside of any transaction. `content` is as the ledger keeps it."""
    async with heartbeats():
        return await channel.send(
            Outgoing(
                id=message_id,
                address=address,
                sender=settings.sms_from if channel.address_kind == AddressKind.PHONE else settings.mail_from,
                subject=content["subject"],
                text=content["text"],
                html=content.get("html"),
                headers=content.get("headers") or {},
            )
        )


async def until_written(database: Database, write: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """What `write` returns, once it is committed, however long PostgreSQL is away: the answer is known here alone.

    Raises what PostgreSQL said last when the attempt has no time left.
    """
    info = activity.info()
    end = info.started_time + (info.start_to_close_timeout or timedelta()) - _TIME_TO_SAY_SO
    async with heartbeats():
        while True:
            try:
                async with database.transaction() as session:
                    return await write(session)
            except (UnavailableError, DBAPIError) as error:
                lost = isinstance(error, UnavailableError) or is_conflict(error)
                if not lost or datetime.now(UTC) > end:
                    raise
            await asyncio.sleep(_BETWEEN_WRITES)


def settle(outcome: Outcome, *, given_up: bool) -> Settled:
    """What an outcome means for the message; `given_up` ends one that the provider did not take yet."""
    match outcome:
        case Accepted():
            return Settled(MessageState.SENT, provider_id=outcome.provider_id)
        case Refused() | Unknown():
            state = MessageState.FAILED if isinstance(outcome, Refused) else MessageState.UNKNOWN
            return Settled(state, {"code": outcome.code, "detail": outcome.reason})
        case Later():
            state = _put_off(same=outcome.same, given_up=given_up)
            return Settled(state, {"code": outcome.code, "detail": outcome.reason}, later=None if given_up else outcome)


def _put_off(*, same: bool, given_up: bool) -> MessageState:
    """`sending` keeps the content for the next attempt; `pending` looks and renders anew."""
    if same:
        return MessageState.UNKNOWN if given_up else MessageState.SENDING
    return MessageState.FAILED if given_up else MessageState.PENDING


def again(kind: str, said: str, after: float | None) -> ApplicationError:
    """To be raised by an activity that Temporal is to try again, not before `after` seconds."""
    return ApplicationError(
        said,
        type=kind,
        next_retry_delay=timedelta(seconds=after) if after else None,
        category=ApplicationErrorCategory.BENIGN,  # told in the ledger; no stack trace in the log each time
    )
