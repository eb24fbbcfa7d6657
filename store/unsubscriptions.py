"""An unsubscription as an event, for automations that go another way from then on."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from store.custom_events import NewEvent, heard, record_events
from store.run_stops import owners_of

UNSUBSCRIBED_EVENT = "contactUnsubscribed"


async def tell_of_unsubscriptions(session: AsyncSession, channel: str, addresses: Collection[str]) -> UUID | None:
    """Record the event for each contact who left the channel just now, while an automation names it.

    Returns the batch to be processed after the commit; None when nobody listens.
    """
    if not addresses or not await heard(session, [UNSUBSCRIBED_EVENT]):
        return None
    owners = sorted(await owners_of(session, channel, addresses))
    events = [NewEvent(UNSUBSCRIBED_EVENT, str(one), {"channel": channel}, contact_id=one) for one in owners]
    return await record_events(session, "consent", events) if events else None
