"""Addresses that get nothing, why, and what people said of it."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.channels import has_identities, identity_kinds
from store.claims_first import wait_for_claims_to

UNSUBSCRIBED = "unsubscribed"
UNCONFIRMED = "unconfirmed"
"""Added without a proof that its owner wants messages; waits for a click on the link of a mail."""

SOFT = frozenset({UNSUBSCRIBED, UNCONFIRMED})
"""Obligatory messages pass these; any other reason (bounced, complained, manual) holds back everything."""

ALL_TOPICS = ""

# One statement: rows that are new, and what was said of them.
_ADD = text("""
    WITH added AS (
        INSERT INTO suppression (channel, address, reason, topic, provenance)
        SELECT CAST(:channel AS text), address, :reason, CAST(:topic AS text), CAST(:provenance AS text)
        FROM unnest(CAST(:addresses AS text[])) AS address ON CONFLICT DO NOTHING RETURNING address
    ), said AS (
        INSERT INTO consent_change (channel, address, topic, state, provenance)
        SELECT CAST(:channel AS text), address, CAST(:topic AS text), CAST(:state AS text), CAST(:provenance AS text)
        FROM added WHERE CAST(:state AS text) <> ''
    )
    SELECT address FROM added
""")
_REMOVE = text("""
    WITH removed AS (
        DELETE FROM suppression WHERE channel = CAST(:channel AS text) AND reason = ANY(:reasons)
            AND topic = CAST(:topic AS text)
            AND address = ANY(:addresses) RETURNING address
    ), said AS (
        INSERT INTO consent_change (channel, address, topic, state, provenance)
        SELECT DISTINCT CAST(:channel AS text), address, CAST(:topic AS text), CAST(:state AS text),
            CAST(:provenance AS text) FROM removed WHERE CAST(:state AS text) <> ''
    )
    SELECT DISTINCT address FROM removed
""")
# The contact's address of each channel's kind: as facts have it, the oldest of its own.
_LEFT = text("""
    SELECT s.channel
    FROM unnest(CAST(:channels AS text[]), CAST(:kinds AS text[])) AS asked(channel, kind)
    JOIN suppression s ON s.channel = asked.channel AND s.topic = '' AND s.reason <> 'unconfirmed' AND s.address = (
        SELECT i.value FROM contact_identity i WHERE i.contact_id = :contact_id AND i.kind = asked.kind
        ORDER BY i.merged_from IS NOT NULL, i.created_at, i.id LIMIT 1)
    UNION SELECT s.channel FROM contact c JOIN suppression s ON s.topic = '' AND s.reason <> 'unconfirmed'
        AND s.channel = ANY(CAST(:others AS text[])) AND s.address = c.fields ->> s.channel
    WHERE c.id = :contact_id
""")
_OF_ADDRESS = text("SELECT reason, topic FROM suppression WHERE channel = :channel AND address = :address")


async def resubscribe(
    session: AsyncSession, channel: str, addresses: Collection[str], *, topic: str = ALL_TOPICS, provenance: str = "api"
) -> list[str]:
    """Take back an unsubscription. One that bounced or complained stays suppressed. Returns those it was true of."""
    return await _remove(
        session, channel, addresses, [UNSUBSCRIBED], topic=topic, provenance=provenance, state="granted"
    )


async def confirm(session: AsyncSession, channel: str, address: str, *, provenance: str) -> bool:
    """The owner of an unconfirmed address wants messages. False when it did not wait for that."""
    return bool(await _remove(session, channel, [address], [UNCONFIRMED], provenance=provenance, state="granted"))


async def suppress(
    session: AsyncSession,
    channel: str,
    addresses: Collection[str],
    reason: str,
    *,
    topic: str = ALL_TOPICS,
    provenance: str,
) -> list[str]:
    """Hold messages to these addresses back for a reason of its own. Returns those it was not known of."""
    await wait_for_claims_to(session, channel, addresses)
    state = {UNSUBSCRIBED: "withdrawn", UNCONFIRMED: "unconfirmed"}.get(reason, "")
    params = {"channel": channel, "reason": reason, "addresses": sorted(set(addresses)), "topic": topic}
    return list(await session.scalars(_ADD, params | {"provenance": provenance, "state": state}))


async def release(
    session: AsyncSession, channel: str, addresses: Collection[str], reasons: Collection[str], *, provenance: str
) -> list[str]:
    """Take suppressions of the whole channel away for these reasons. Returns the addresses that had one."""
    state = "granted" if UNSUBSCRIBED in reasons else ""
    return await _remove(session, channel, addresses, reasons, provenance=provenance, state=state)


async def channels_left(session: AsyncSession, contact_id: UUID, channels: Collection[str]) -> set[str]:
    """Those of the channels from which the contact has unsubscribed, bounced or complained."""
    asked = [(channel, kind) for channel in channels for kind in identity_kinds(channel)]
    params = {
        "contact_id": contact_id,
        "channels": [channel for channel, _ in asked],
        "kinds": [kind for _, kind in asked],
        "others": [channel for channel in channels if not has_identities(channel)],
    }
    return set(await session.scalars(_LEFT, params)) if channels else set()


async def reasons_of(session: AsyncSession, channel: str, address: str) -> set[tuple[str, str]]:
    """(reason, topic) of every suppression of an address."""
    found = await session.execute(_OF_ADDRESS, {"channel": channel, "address": address})
    return {(row.reason, row.topic) for row in found}


async def _remove(
    session: AsyncSession,
    channel: str,
    addresses: Collection[str],
    reasons: Collection[str],
    *,
    topic: str = ALL_TOPICS,
    provenance: str,
    state: str,
) -> list[str]:
    params = {"channel": channel, "reasons": sorted(reasons), "addresses": sorted(set(addresses)), "topic": topic}
    return list(await session.scalars(_REMOVE, params | {"provenance": provenance, "state": state}))
