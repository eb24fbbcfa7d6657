"""Who writes what forbids a message first waits for the claims that cannot see it yet.

A claim holds the row of its run until it is committed. Whoever locks the open runs that an event or a suppression may
hold back is therefore committed behind the claim that did not know of it, and before the next, which then sees it.
The locks come in the order of all transactions: orders, runs by their ids, addresses.
"""

import hashlib
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.channels import has_identities, identity_kinds

_OPEN = "r.state IN ('pending', 'running', 'waiting')"
_STOPS = """
    JOIN automation_version v ON v.id = r.version_id
    AND v.definition -> 'stop' @> jsonb_build_array(jsonb_build_object('event', jsonb_build_array(e.event_type)
"""

# A part of the statement that inserts the events of orders, `given`, with what their orders say of the contact. These
# orders are locked already; here it is about runs of the contact's other orders. Nobody has matched the events: their
# orders claim to be of these contacts.
OF_ORDER_EVENTS = f"""
    SELECT r.id FROM (
        SELECT DISTINCT g.event_type, claimed.contact_id FROM given g
        CROSS JOIN LATERAL (
            SELECT g.contact_id UNION ALL SELECT i.contact_id FROM (VALUES ('external_customer_id',
                g.match_external_id), ('email', g.match_email), ('phone', g.match_phone)) AS claim(kind, value)
            JOIN contact_identity i ON i.kind = claim.kind AND i.value = claim.value) claimed
        WHERE g.effect = 'acts' AND claimed.contact_id IS NOT NULL) e
    JOIN run r ON r.contact_id = e.contact_id AND {_OPEN} {_STOPS}, 'match', 'contact'))
    ORDER BY r.id FOR SHARE OF r
"""  # noqa: S608 # constants
_OF_BATCH = text(f"""
    SELECT r.id FROM run r WHERE r.id IN (
        SELECT r.id FROM order_event e JOIN run r ON r.order_id = e.order_id AND {_OPEN} {_STOPS}))
        WHERE e.batch_id = :batch_id
        UNION ALL
        SELECT r.id FROM order_event e
        JOIN run r ON r.contact_id = e.contact_id AND {_OPEN} {_STOPS}, 'match', 'contact'))
        WHERE e.batch_id = :batch_id)
    ORDER BY r.id FOR SHARE OF r
""")  # noqa: S608 # constants
_OF_ADDRESSES = text(f"""
    SELECT r.id FROM run r WHERE {_OPEN} AND r.contact_id IN (
        SELECT contact_id FROM contact_identity WHERE kind = ANY(:kinds) AND value = ANY(:addresses))
    ORDER BY r.id FOR NO KEY UPDATE OF r
""")  # noqa: S608 # constants
_STRIPES = 256
_SPACE = 5_072_011
"""First key of the advisory locks of addresses; the second is the stripe, of which there are few enough to lock all."""
_LOCK_ADDRESSES = text("SELECT pg_advisory_xact_lock(:space, stripe) FROM unnest(CAST(:stripes AS int[])) AS stripe")
_SHARE_ADDRESS = text("SELECT pg_advisory_xact_lock_shared(:space, :stripe)")


async def wait_for_claims_of(session: AsyncSession, batch_id: UUID) -> None:
    """Before events of this batch, just written, are committed: wait for claims of runs that they may stop."""
    await session.execute(_OF_BATCH, {"batch_id": batch_id})


async def wait_for_claims_to(session: AsyncSession, channel: str, addresses: Collection[str]) -> None:
    """Before a suppression of these addresses is committed: wait for claims of messages to them."""
    if not addresses:
        return
    if kinds := identity_kinds(channel):
        await session.execute(_OF_ADDRESSES, {"kinds": list(kinds), "addresses": sorted(addresses)})
    stripes = sorted({_stripe(channel, address) for address in addresses})
    await session.execute(_LOCK_ADDRESSES, {"space": _SPACE, "stripes": stripes})


async def claim_address(session: AsyncSession, channel: str, given: str | None) -> None:
    """In a claim, before suppressions are read: who suppresses an address that no run leads to waits for it too.

    That is one which the step gives, and any of a channel whose addresses may be no identities.
    """
    if given is not None or not has_identities(channel):
        await session.execute(_SHARE_ADDRESS, {"space": _SPACE, "stripe": _stripe(channel, given or "")})


def _stripe(channel: str, address: str) -> int:
    key = f"{channel}/{address}" if has_identities(channel) else channel
    return hashlib.blake2b(key.encode(), digest_size=1).digest()[0] % _STRIPES
