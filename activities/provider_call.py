"""How a rendered message is handed to its provider, and how Temporal is told to do it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.heartbeats import heartbeats
from channels.base import Accepted, AddressKind, Channel, Later, Outcome, Outgoing, Refused, Unknown
from core.settings import Settings
from store.tables.message import MessageState


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
