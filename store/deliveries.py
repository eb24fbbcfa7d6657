"""Webhooks of shop platforms: each is taken once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from store.tables import ConnectorDelivery

KEPT = timedelta(days=30)
_MOST_FORGOTTEN = 100

_TAKE = text(
    "INSERT INTO connector_delivery (platform, shop, delivery_id, topic, body_hash, outcome, received_at) "
    "VALUES (:platform, :shop, :delivery_id, :topic, :body_hash, 'taken', :now) ON CONFLICT DO NOTHING RETURNING true"
)
_FORGET = text(
    "DELETE FROM connector_delivery WHERE ctid = ANY (ARRAY(SELECT ctid FROM connector_delivery "
    "WHERE received_at < :before ORDER BY received_at LIMIT :limit FOR UPDATE SKIP LOCKED))"
)


@dataclass(frozen=True)
class Delivery:
    """One webhook: whose, which, and the SHA-256 of what it says."""

    platform: str
    shop: str
    delivery_id: str
    topic: str
    body_hash: bytes


async def take_delivery(session: AsyncSession, delivery: Delivery, now: datetime) -> bool:
    """Whether it is the first with its id and the first with its content. Waits for one that is under way.

    Call it first in the transaction that records what the delivery brings: both are committed, or neither.
    """
    await session.execute(_FORGET, {"before": now - KEPT, "limit": _MOST_FORGOTTEN})
    return bool(await session.scalar(_TAKE, vars(delivery) | {"now": now}))


async def settle_delivery(
    session: AsyncSession,
    delivery: Delivery,
    outcome: str,
    *,
    batch_id: UUID | None = None,
    failures: Sequence[dict[str, str]] = (),
) -> None:
    """Keep what came of a delivery that was taken."""
    await session.execute(
        update(ConnectorDelivery)
        .where(
            ConnectorDelivery.platform == delivery.platform,  # type: ignore[arg-type] # SQLModel types columns as values
            ConnectorDelivery.shop == delivery.shop,  # type: ignore[arg-type] # as above
            ConnectorDelivery.delivery_id == delivery.delivery_id,  # type: ignore[arg-type] # as above
        )
        .values(outcome=outcome, batch_id=batch_id, failures=list(failures) or None)
    )
