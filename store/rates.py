"""Token buckets of keys: one row a key, from which API processes take tokens ahead."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_OPEN = text("""
    INSERT INTO rate_budget (api_key_id, tokens, counted_at) VALUES (:key, :rate, clock_timestamp())
    ON CONFLICT DO NOTHING
""")
# The bucket holds what one second allows and fills at the rate. The row is locked before the clock is read.
_TAKE = text("""
    WITH held AS MATERIALIZED (SELECT tokens, counted_at FROM rate_budget WHERE api_key_id = :key FOR UPDATE),
    offer AS MATERIALIZED (
        SELECT GREATEST(counted_at, clock_timestamp()) AS at,
               LEAST(:rate, tokens + :rate
                     * GREATEST(0, CAST(EXTRACT(epoch FROM clock_timestamp() - counted_at) AS float))) AS tokens
        FROM held
    )
    UPDATE rate_budget b
    SET tokens = offer.tokens - LEAST(floor(offer.tokens), :wanted), counted_at = offer.at
    FROM offer WHERE b.api_key_id = :key
    RETURNING LEAST(floor(offer.tokens), :wanted) AS granted
""")


async def take_tokens(session: AsyncSession, key: UUID, *, rate: int, wanted: int) -> int:
    """Take up to `wanted` requests out of what `rate` a second allows to all processes together. Returns how many."""
    given = {"key": key, "rate": float(rate), "wanted": float(wanted)}
    granted = await session.scalar(_TAKE, given)
    if granted is None:
        await session.execute(_OPEN, {"key": key, "rate": float(rate)})
        granted = await session.scalar(_TAKE, given)
    return int(granted or 0)
