"""People for a segment: found by what they are known by, and shown by it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from store.facts import load_contacts
from store.segments import members

_KNOWN = text("""
    SELECT DISTINCT ON (i.value) i.value, i.contact_id FROM contact_identity i
    JOIN contact c ON c.id = i.contact_id AND c.deleted_at IS NULL AND c.merged_into IS NULL
    WHERE i.kind IN ('email', 'phone', 'external_customer_id') AND i.value = ANY(:values)
    ORDER BY i.value, i.contact_id
""")


async def known_by(session: AsyncSession, values: Sequence[str]) -> dict[str, UUID]:
    """The oldest contact of each e-mail, phone or externalCustomerId, normalised as they are stored."""
    return {row.value: row.contact_id for row in await session.execute(_KNOWN, {"values": list(values)})}


async def named_members(
    session: AsyncSession, segment_id: UUID, *, after: UUID | None, limit: int
) -> list[dict[str, Any]]:  # Any: columns of all types
    """As `store.segments.members`, with what each is called and reached by."""
    found = await members(session, segment_id, after=after, limit=limit)
    people = await load_contacts(session, [contact for contact, _, _ in found])
    return [
        {"id": contact, "added_at": at, "source": source, **_shown(people.get(contact, {}))}
        for contact, at, source in found
    ]


async def named(session: AsyncSession, contacts: Sequence[UUID]) -> list[dict[str, Any]]:  # Any: as above
    """The same of some contacts."""
    people = await load_contacts(session, contacts)
    return [{"id": contact, **_shown(people.get(contact, {}))} for contact in contacts]


def _shown(facts: dict[str, Any]) -> dict[str, Any]:  # Any: as above
    return {
        "name": " ".join(str(facts[part]) for part in ("firstName", "lastName") if facts.get(part)),
        "email": facts.get("email"),
        "phone": facts.get("phone"),
    }
