"""Addresses that get nothing."""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from store.run_stops import Signals, stop_runs_of_unsubscribed

UNSUBSCRIBED = "unsubscribed"

_ADD = text("""
    INSERT INTO suppression (channel, address, reason) SELECT :channel, address, :reason
    FROM unnest(CAST(:addresses AS text[])) AS address ON CONFLICT DO NOTHING RETURNING address
""")
# A bounce or a complaint is stronger than an unsubscription, and none gives way to the other.
_SUPPRESS = text("""
    INSERT INTO suppression (channel, address, reason) SELECT :channel, address, :reason
    FROM unnest(CAST(:addresses AS text[])) AS address ORDER BY address
    ON CONFLICT (channel, address) DO UPDATE SET reason = excluded.reason WHERE suppression.reason = 'unsubscribed'
""")
_REMOVE = text("""
    DELETE FROM suppression WHERE channel = :channel AND reason = :reason AND address = ANY(:addresses)
    RETURNING address
""")


async def unsubscribe(session: AsyncSession, channel: str, addresses: Collection[str]) -> tuple[list[str], Signals]:
    """Write to these addresses no more, and end the runs that say so. Returns the new ones, and whom to signal."""
    params = {"channel": channel, "reason": UNSUBSCRIBED, "addresses": sorted(set(addresses))}
    added = list(await session.scalars(_ADD, params))
    return added, await stop_runs_of_unsubscribed(session, channel, addresses)


async def suppress(session: AsyncSession, channel: str, addresses: Collection[str], reason: str) -> Signals:
    """These addresses bounced or complained: no message goes there, and runs that heed unsubscriptions end."""
    params = {"channel": channel, "reason": reason, "addresses": sorted(set(addresses))}
    await session.execute(_SUPPRESS, params)
    return await stop_runs_of_unsubscribed(session, channel, addresses)


async def resubscribe(session: AsyncSession, channel: str, addresses: Collection[str]) -> list[str]:
    """Take back an unsubscription. One that bounced or complained stays suppressed. Returns those it was true of."""
    params = {"channel": channel, "reason": UNSUBSCRIBED, "addresses": sorted(set(addresses))}
    return list(await session.scalars(_REMOVE, params))
