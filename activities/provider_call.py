"""How a rendered message is handed to its provider, and how Temporal is told to do it again."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.heartbeats import heartbeats
from channels.base import AddressKind, Channel, Outcome, Outgoing
from core.settings import Settings


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


def again(kind: str, said: str, after: float | None) -> ApplicationError:
    """To be raised by an activity that Temporal is to try again, not before `after` seconds."""
    return ApplicationError(
        said,
        type=kind,
        next_retry_delay=timedelta(seconds=after) if after else None,
        category=ApplicationErrorCategory.BENIGN,  # told in the ledger; no stack trace in the log each time
    )
