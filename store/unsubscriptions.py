"""Unsubscribing: nothing is sent any more, runs that say so end, and automations that name it go another way."""

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from store.custom_events import NewEvent, heard, record_events
from store.run_stops import Signals, owners_of, stop_runs_of_unsubscribed
from store.suppressions import ALL_TOPICS, UNSUBSCRIBED, suppress

UNSUBSCRIBED_EVENT = "contactUnsubscribed"


@dataclass(frozen=True, slots=True)
class Held:
    """Addresses that get nothing from now on, and what is to be told of it after the commit."""

    added: list[str]
    """Those it was not known of."""
    signals: Signals = field(default_factory=list)
    batch_id: UUID | None = None
    """The events that it caused, to be processed; None when nobody listens."""


async def unsubscribe(
    session: AsyncSession, channel: str, addresses: Collection[str], *, topic: str = ALL_TOPICS, provenance: str = "api"
) -> Held:
    """Write to these addresses no more (of one topic, if named), end the runs that say so, and record the event."""
    added = await suppress(session, channel, addresses, UNSUBSCRIBED, topic=topic, provenance=provenance)
    if topic != ALL_TOPICS:
        return Held(added)
    signals = await stop_runs_of_unsubscribed(session, channel, addresses)
    return Held(added, signals, await _record_events(session, channel, added))


async def _record_events(session: AsyncSession, channel: str, addresses: Collection[str]) -> UUID | None:
    if not addresses or not await heard(session, [UNSUBSCRIBED_EVENT]):
        return None
    owners = sorted(await owners_of(session, channel, addresses))
    events = [NewEvent(UNSUBSCRIBED_EVENT, str(one), {"channel": channel}, contact_id=one) for one in owners]
    return await record_events(session, "consent", events) if events else None
