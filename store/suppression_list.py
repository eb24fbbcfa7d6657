"""The list of suppressions, as people look at it, take it away and bring it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from store.suppressions import ALL_TOPICS, UNSUBSCRIBED, suppress
from store.unsubscriptions import Held, unsubscribe

COLUMNS = ("channel", "address", "reason", "topic", "provenance", "created_at")

_LIST = text("""
    SELECT channel, address, reason, topic, provenance, created_at FROM suppression
    WHERE (CAST(:channel AS text) IS NULL OR channel = :channel) AND (CAST(:reason AS text) IS NULL OR reason = :reason)
      AND (CAST(:address AS text) IS NULL OR address = :address)
      AND (channel, address, reason, topic) > (CAST(:a AS text), CAST(:b AS text), CAST(:c AS text), CAST(:d AS text))
    ORDER BY channel, address, reason, topic LIMIT :limit
""")

After = tuple[str, str, str, str]
BEGINNING: After = ("", "", "", "")


@dataclass(frozen=True, slots=True)
class SuppressionFilter:
    """Which suppressions; None does not restrict."""

    channel: str | None = None
    address: str | None = None
    reason: str | None = None


async def list_suppressions(
    session: AsyncSession, wanted: SuppressionFilter, *, after: After = BEGINNING, limit: int
) -> list[dict[str, Any]]:  # Any: columns
    """In the order of channel and address; `after` is the key of the last row of the page before."""
    params = {"channel": wanted.channel, "address": wanted.address, "reason": wanted.reason, "limit": limit}
    found = await session.execute(_LIST, params | dict(zip("abcd", after, strict=True)))
    return [dict(row) for row in found.mappings()]


def key_of(row: dict[str, Any]) -> After:  # Any: columns
    """What the next page comes after."""
    return row["channel"], row["address"], row["reason"], row["topic"]


async def add_suppressions(
    session: AsyncSession,
    channel: str,
    addresses: Sequence[str],
    reason: str,
    *,
    topic: str = ALL_TOPICS,
    provenance: str,
) -> Held:
    """Suppress for any reason; an unsubscription is more than that, see unsubscribe, and may be of one topic alone."""
    if reason == UNSUBSCRIBED:
        return await unsubscribe(session, channel, addresses, topic=topic, provenance=provenance)
    return Held(await suppress(session, channel, addresses, reason, provenance=provenance))
