"""The ledger. Rows change state only here."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.document import dump_json
from store.tables import Message
from store.tables.message import MessageState

_CLAIM = text("""
    UPDATE message SET state = 'sending', address = :address, provider = :provider, content = CAST(:content AS jsonb),
        attempts = attempts + 1, reason = NULL, updated_at = :now WHERE id = :id
""")
_RECORD = text("""
    UPDATE message SET state = :state, reason = CAST(:reason AS jsonb), updated_at = :now,
        provider_id = COALESCE(:provider_id, provider_id),
        sent_at = CASE WHEN :state = 'sent' THEN CAST(:now AS timestamptz) ELSE sent_at END
    WHERE id = :id AND (state IN ('pending', 'sending') OR (state = 'unknown' AND :state IN ('sent', 'failed')))
    RETURNING id
""")
_SUPPRESSED = text("SELECT reason FROM suppression WHERE channel = :channel AND address = :address")


def message_id(run_id: UUID, step_id: str) -> UUID:
    """The id of the one message that a step of a run can send."""
    return uuid5(run_id, step_id)


async def lock_message(
    session: AsyncSession, run_id: UUID, step_id: str, *, channel: str, template: str, now: datetime
) -> Message:
    """The ledger row of this step, made when absent, locked until the transaction ends."""
    row_id = message_id(run_id, step_id)
    await session.execute(
        insert(Message)
        .values(
            id=row_id,
            run_id=run_id,
            step_id=step_id,
            channel=channel,
            template=template,
            state=MessageState.PENDING,
            created_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing(index_elements=["id"])
    )
    found = await session.execute(select(Message).where(col(Message.id) == row_id).with_for_update())
    return found.scalar_one()


async def claim(
    session: AsyncSession, row_id: UUID, *, address: str, provider: str, content: dict[str, Any], now: datetime
) -> None:
    """From the commit on, the message is `sending`: only the holder of this claim may call the provider."""
    await session.execute(
        _CLAIM,
        {
            "id": row_id,
            "address": address,
            "provider": provider,
            "content": dump_json(content).decode(),
            "now": now,
        },
    )


async def record(
    session: AsyncSession,
    row_id: UUID,
    state: MessageState,
    *,
    now: datetime,
    reason: dict[str, Any] | None = None,
    provider_id: str | None = None,
) -> bool:
    """Write what became of a message that is not final. `unknown` gives way to knowledge. False if it was final."""
    changed = await session.scalar(
        _RECORD,
        {
            "id": row_id,
            "state": state,
            "reason": dump_json(reason).decode() if reason else None,
            "provider_id": provider_id,
            "now": now,
        },
    )
    return changed is not None


async def suppression_reason(session: AsyncSession, channel: str, address: str) -> str | None:
    """Why this address gets nothing by this channel, or None."""
    reason: str | None = await session.scalar(_SUPPRESSED, {"channel": channel, "address": address})
    return reason
