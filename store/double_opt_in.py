"""Contacts that are added without a proof of consent: their new addresses wait for a confirmation."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from store.custom_events import NewEvent, record_events
from store.suppressions import UNCONFIRMED, suppress

UNCONFIRMED_EVENT = "contactUnconfirmed"
"""What an automation starts on that sends `confirm_url`."""

# One that we knew before this transaction, or that said yes once, stays as it is: nobody can silence a customer by
# adding the address again. One that has been waiting is asked again.
_WAITING = text("""
    SELECT address FROM unnest(CAST(:addresses AS text[])) AS given(address)
    WHERE EXISTS (SELECT FROM suppression s WHERE s.channel = 'email' AND s.address = given.address
                  AND s.reason = 'unconfirmed')
       OR NOT EXISTS (SELECT FROM contact_identity i WHERE i.kind = 'email' AND i.value = given.address
                      AND i.created_at < now())
      AND NOT EXISTS (SELECT FROM consent_change c WHERE c.channel = 'email' AND c.address = given.address
                      AND c.state = 'granted')
""")


async def hold_unconfirmed(session: AsyncSession, emails: Mapping[UUID, Sequence[str]], *, source: str) -> UUID | None:
    """Hold back marketing to the new e-mails of these contacts (contact → e-mails), after they were written.

    Returns the batch of the events that ask for a confirmation; None when no address waits for one.
    """
    addresses = sorted({one for some in emails.values() for one in some})
    waiting = set(await session.scalars(_WAITING, {"addresses": addresses}))
    await suppress(session, "email", waiting, UNCONFIRMED, provenance="api")
    asked = [contact_id for contact_id, some in emails.items() if waiting & set(some)]
    if not asked:
        return None
    events = [NewEvent(UNCONFIRMED_EVENT, str(contact_id), contact_id=contact_id) for contact_id in asked]
    return await record_events(session, source, events)
