"""Providers that are paused, and shops that are switched off."""

from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from store.tables import DisabledStore, ProviderState

_SET = text("""
    WITH before AS MATERIALIZED (SELECT state FROM provider_state WHERE provider = :provider)
    INSERT INTO provider_state (provider, state, reason, until, changed_at)
    VALUES (:provider, :state, :reason, :until, :now)
    ON CONFLICT (provider) DO UPDATE SET state = excluded.state, reason = excluded.reason, until = excluded.until,
        changed_at = CASE WHEN provider_state.state = excluded.state THEN provider_state.changed_at
                          ELSE excluded.changed_at END
    RETURNING provider_state.state IS DISTINCT FROM (SELECT state FROM before)
""")
_DISABLE = text("""
    INSERT INTO disabled_store (store_id, reason) VALUES (:store_id, :reason) ON CONFLICT DO NOTHING RETURNING store_id
""")
_ENABLE = text("DELETE FROM disabled_store WHERE store_id = :store_id RETURNING store_id")


async def set_provider_state(
    session: AsyncSession, provider: str, *, now: datetime, reason: str | None = None, until: datetime | None = None
) -> bool:
    """Paused until a moment, or up when there is none. Returns whether that is news."""
    state = "paused" if until else "up"
    params = {"provider": provider, "state": state, "reason": reason, "until": until, "now": now}
    return bool(await session.scalar(_SET, params))


async def provider_states(session: AsyncSession) -> list[ProviderState]:
    """Every provider that was paused at some time, by name."""
    return list(await session.scalars(select(ProviderState).order_by(col(ProviderState.provider))))


async def disable_store(session: AsyncSession, store_id: str, reason: str | None) -> bool:
    """Send nothing for the orders of this shop. Returns whether anything changed."""
    return await session.scalar(_DISABLE, {"store_id": store_id, "reason": reason}) is not None


async def enable_store(session: AsyncSession, store_id: str) -> bool:
    """Send again. What was skipped stays so. Returns whether anything changed."""
    return await session.scalar(_ENABLE, {"store_id": store_id}) is not None


async def disabled_stores(session: AsyncSession) -> list[DisabledStore]:
    """Every shop that is switched off, by its id."""
    return list(await session.scalars(select(DisabledStore).order_by(col(DisabledStore.store_id))))
