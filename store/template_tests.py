"""Test sends of templates: a message of its own, claimed once and never counted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json
from core.errors import NotFoundError
from store.tables.message import MessageState

# The past ones go with each new one: nobody needs them for longer than a month.
_INSERT = text("""
    WITH past AS (DELETE FROM template_test WHERE created_at < now() - interval '30 days')
    INSERT INTO template_test (template, channel, address, state, content, actor)
    VALUES (:template, :channel, :address, 'pending', CAST(:content AS jsonb), :actor) RETURNING id
""")
_LOCK = text("SELECT * FROM template_test WHERE id = :id FOR UPDATE")
_CLAIM = text("UPDATE template_test SET state = 'sending', updated_at = now() WHERE id = :id")
_RECORD = text("""
    UPDATE template_test SET state = :state, reason = CAST(:reason AS jsonb), updated_at = now(),
        provider_id = COALESCE(:provider_id, provider_id),
        content = CASE WHEN :state IN ('pending', 'sending') THEN content END
    WHERE id = :id AND state IN ('pending', 'sending')
""")
_FIND = text("""
    SELECT id, template, channel, address, state, reason, provider_id, created_at, updated_at FROM template_test
    WHERE id = :id
""")


@dataclass(frozen=True, slots=True)
class NewTest:
    """A rendered message that is to go out."""

    template: str
    channel: str
    address: str
    content: dict[str, Any]
    actor: str


@dataclass(frozen=True, slots=True)
class ClaimedTest:
    """What the provider is to be given. `content` is None when there is nothing to send: `state` is the answer."""

    state: str
    address: str
    content: dict[str, Any] | None
    created_at: datetime


async def insert_test(session: AsyncSession, new: NewTest) -> UUID:
    """Keep it; whoever commits starts its workflow (core.test_sending)."""
    values = {"template": new.template, "channel": new.channel, "address": new.address, "actor": new.actor}
    test_id: UUID = (await session.execute(_INSERT, values | {"content": dump_json(new.content).decode()})).scalar_one()
    return test_id


async def claim_test(session: AsyncSession, test_id: UUID, *, takes_key: bool) -> ClaimedTest:
    """From the commit on it is `sending`. One whose attempt died goes again only by key. Raises NotFoundError."""
    row = (await session.execute(_LOCK, {"id": test_id})).one_or_none()
    if row is None:
        raise NotFoundError("test", str(test_id))
    if row.state == MessageState.SENDING and not takes_key:
        why = {"code": "attempt_died", "detail": "the worker died while the provider was being called"}
        await record_test(session, test_id, MessageState.UNKNOWN, reason=why)
        return ClaimedTest(MessageState.UNKNOWN, row.address, None, row.created_at)
    if row.state in {MessageState.PENDING, MessageState.SENDING}:
        await session.execute(_CLAIM, {"id": test_id})
        return ClaimedTest(MessageState.SENDING, row.address, row.content, row.created_at)
    return ClaimedTest(row.state, row.address, None, row.created_at)


async def record_test(
    session: AsyncSession,
    test_id: UUID,
    state: MessageState,
    *,
    reason: dict[str, Any] | None = None,
    provider_id: str | None = None,
) -> None:
    """What the provider said; a final state takes the content away."""
    said = dump_json(reason).decode() if reason else None
    await session.execute(_RECORD, {"id": test_id, "state": state, "reason": said, "provider_id": provider_id})


async def find_test(session: AsyncSession, test_id: UUID) -> dict[str, Any]:  # Any: columns
    """What became of a test. Raises NotFoundError."""
    row = (await session.execute(_FIND, {"id": test_id})).mappings().one_or_none()
    if row is None:
        raise NotFoundError("test", str(test_id))
    return dict(row)
