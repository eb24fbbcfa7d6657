"""The ledger. Rows change state only here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json
from store.tables.message import MessageState

_LOCK = text("""
    INSERT INTO message (id, run_id, step_id, channel, template, state, created_at, updated_at, due_at)
    VALUES (:id, :run_id, :step_id, :channel, :template, 'pending', :now, :now, :due_at)
    ON CONFLICT (id) DO UPDATE SET due_at = COALESCE(excluded.due_at, message.due_at) -- locks it; may have been moved
    RETURNING id, run_id, step_id, channel, state, reason, address, content, attempts, created_at, claimed_at
""")
_CLAIM = text("""
    WITH place AS (
        UPDATE run SET state = 'running', step_id = :step_id, due_at = NULL,
            started_at = COALESCE(started_at, CAST(:now AS timestamptz)) -- its start may not be written down yet
        WHERE id = :run_id AND state IN ('pending', 'running', 'waiting'))
    UPDATE message SET state = 'sending', address = :address, provider = :provider, content = CAST(:content AS jsonb),
        attempts = attempts + 1, reason = NULL, updated_at = :now, claimed_at = :now, obligatory = :obligatory
    WHERE id = :id
""")
_RECORD = text("""
    UPDATE message SET state = :state, reason = CAST(:reason AS jsonb), updated_at = :now,
        provider_id = COALESCE(:provider_id, provider_id),
        sent_at = CASE WHEN :state = 'sent' THEN CAST(:now AS timestamptz) ELSE sent_at END
    WHERE id = :id AND (state IN ('pending', 'sending') OR (state = 'unknown' AND :state IN ('sent', 'failed')))
    RETURNING id
""")


@dataclass(frozen=True, slots=True)
class Entry:
    """What an attempt to send needs to know of its message."""

    id: UUID
    run_id: UUID
    step_id: str
    channel: str
    state: str
    reason: dict[str, Any] | None
    address: str | None
    content: dict[str, Any] | None
    attempts: int
    created_at: datetime
    claimed_at: datetime | None
    """When the content was last made."""


def message_id(run_id: UUID, step_id: str) -> UUID:
    """The id of the one message that a step of a run can send."""
    return uuid5(run_id, step_id)


async def lock_message(
    session: AsyncSession,
    run_id: UUID,
    step_id: str,
    *,
    channel: str,
    template: str,
    now: datetime,
    due_at: datetime | None,
) -> Entry:
    """The ledger row of this step, made when absent, locked until the transaction ends."""
    params = {"id": message_id(run_id, step_id), "run_id": run_id, "step_id": step_id}
    params |= {"channel": channel, "template": template, "now": now, "due_at": due_at}
    return Entry(*(await session.execute(_LOCK, params)).one())


async def claim(
    session: AsyncSession,
    row: Entry,
    *,
    address: str,
    provider: str,
    content: dict[str, Any],
    now: datetime,
    obligatory: bool = False,
) -> None:
    """From the commit on, the message is `sending`: only the holder of this claim may call the provider."""
    await session.execute(
        _CLAIM,
        {
            "id": row.id,
            "run_id": row.run_id,
            "step_id": row.step_id,
            "obligatory": obligatory,
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
