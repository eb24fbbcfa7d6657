"""The ledger as operators look at it."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFoundError

_COLUMNS = """
    SELECT m.id, m.run_id, m.step_id, m.channel, m.template, m.address, m.state, m.reason, m.provider, m.provider_id,
           m.attempts, m.created_at, m.updated_at, m.sent_at, m.content ->> 'subject' AS subject,
           a.name AS automation, e.event_type, e.event_key, r.order_id, r.test
    FROM message m JOIN run r ON r.id = m.run_id JOIN automation a ON a.id = r.automation_id
    JOIN order_event e ON e.id = r.event_id
"""
_LIST = text(
    _COLUMNS
    + """
    WHERE (CAST(:state AS text) IS NULL OR m.state = :state)
      AND (CAST(:channel AS text) IS NULL OR m.channel = :channel)
      AND (CAST(:address AS text) IS NULL OR m.address = :address)
      AND (CAST(:before AS uuid) IS NULL OR m.run_id < :before) ORDER BY m.run_id DESC, m.step_id LIMIT :limit
"""
)
_ONE = text(_COLUMNS.replace("SELECT m.id,", "SELECT m.id, m.content,") + " WHERE m.id = :id")


async def list_messages(
    session: AsyncSession,
    *,
    state: str | None = None,
    channel: str | None = None,
    address: str | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:  # Any: columns
    """Messages of the newest runs first; `before` is the run of the last message of the page before."""
    params = {"state": state, "channel": channel, "address": address, "before": before, "limit": limit}
    return [dict(row) for row in (await session.execute(_LIST, params)).mappings()]


async def find_message(session: AsyncSession, message_id: UUID) -> dict[str, Any]:  # Any: columns
    """One message with its content. Raises NotFoundError."""
    row = (await session.execute(_ONE, {"id": message_id})).mappings().one_or_none()
    if row is None:
        raise NotFoundError("message", str(message_id))
    return dict(row)
