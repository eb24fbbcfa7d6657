"""What a link of a message leads to, and what its reader wants to get."""

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from store.suppressions import resubscribe
from store.unsubscriptions import unsubscribe

# A message that was blanked still leads to its contact's address.
_LINKED = text("""
    SELECT m.channel, m.content, c.language, COALESCE(m.address, (
        SELECT i.value FROM contact_identity i
        WHERE i.contact_id = r.contact_id
          AND i.kind = CASE m.channel WHEN 'email' THEN 'email' WHEN 'sms' THEN 'phone' END
        ORDER BY i.merged_from IS NOT NULL, i.created_at, i.id LIMIT 1)) AS address
    FROM message m JOIN run r ON r.id = m.run_id LEFT JOIN contact c ON c.id = r.contact_id WHERE m.id = :id
""")


class Linked(NamedTuple):
    """A message that somebody holds a link to. Without an address the person is erased."""

    channel: str
    content: dict[str, Any] | None  # Any: as it was sent
    language: str | None
    address: str | None


async def linked_message(session: AsyncSession, message_id: UUID) -> Linked | None:
    """The message of a link; None when there is none."""
    row = (await session.execute(_LINKED, {"id": message_id})).one_or_none()
    return None if row is None else Linked(row.channel, row.content, row.language, row.address)


async def set_topics(
    session: AsyncSession, channel: str, address: str, topics: Collection[str], wanted: Collection[str]
) -> None:
    """Of these topics the address gets the wanted ones. Who wants any is no longer unsubscribed from all."""
    for topic in topics:
        if topic in wanted:
            await resubscribe(session, channel, [address], topic=topic, provenance="page")
        else:
            await unsubscribe(session, channel, [address], topic=topic, provenance="page")
    if set(topics) & set(wanted):
        await resubscribe(session, channel, [address], provenance="page")
