"""Messages as operators look at them, and how they settle those whose outcome was not known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json
from core.errors import ConflictError, NotFoundError
from core.resending import Resend
from store.audit import record_audit

Row = dict[str, Any]  # Any: columns

_COLUMNS = """
    SELECT m.id, m.run_id, m.step_id, m.channel, m.template, m.state, m.reason, m.provider, m.attempts, m.created_at,
           m.updated_at, m.sent_at, m.content ->> 'subject' AS subject, r.test, a.name AS automation,
           r.order_id, r.contact_id
"""
_FROM = " FROM message m JOIN run r ON r.id = m.run_id JOIN automation a ON a.id = r.automation_id "
_CONDITIONS = {
    "state": "m.state = :state",
    "channel": "m.channel = :channel",
    "run_id": "m.run_id = :run_id",
    "order": """r.order_id = (SELECT id FROM "order" WHERE external_order_id = :order)""",
    "contact_id": "r.contact_id = :contact_id",
    "automation": "r.automation_id = (SELECT id FROM automation WHERE name = :automation)",
}
_BEFORE = "(m.created_at, m.id) < (SELECT created_at, id FROM message WHERE id = :before)"
_ONE = text(
    _COLUMNS + ", m.address, m.provider_id, m.claimed_at, m.due_at, m.content" + _FROM + "WHERE m.id = :id"
)  # constants
_CONTENTS = text("""
    SELECT m.id, m.content FROM message m JOIN run r ON r.id = m.run_id
    WHERE r.order_id = :order_id AND m.content IS NOT NULL ORDER BY m.created_at DESC, m.id LIMIT :limit
""")
_MOST_CONTENTS = 50
_COUNTS = text("""
    SELECT r.order_id, m.state, count(*) AS messages FROM run r JOIN message m ON m.run_id = r.id
    WHERE r.order_id = ANY(:ids) GROUP BY 1, 2 ORDER BY 1, 2
""")
_TROUBLES = text("""
    SELECT run_id, id, step_id, state, reason FROM message
    WHERE run_id = ANY(:run_ids) AND state IN ('failed', 'bounced', 'unknown') ORDER BY created_at, id
""")
_SETTLE = text("""
    UPDATE message SET state = :state, reason = CAST(:reason AS jsonb), updated_at = :now,
        sent_at = CASE WHEN :state = 'sent' THEN COALESCE(claimed_at, CAST(:now AS timestamptz)) ELSE sent_at END
    WHERE id = :id AND (
        state = 'unknown' OR (state = 'pending' AND :state = 'pending' AND reason ->> 'code' = 'resend'))
    RETURNING run_id, step_id, channel
""")


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages; None does not restrict. `order` is an externalOrderId, `automation` a name."""

    state: str | None = None
    channel: str | None = None
    run_id: UUID | None = None
    order: str | None = None
    contact_id: UUID | None = None
    automation: str | None = None


async def list_messages(
    session: AsyncSession, wanted: MessageFilter, *, before: UUID | None = None, limit: int = 50
) -> list[Row]:
    """Newest first, without contents and addresses; `before` is the last id of the page before."""
    params: dict[str, Any] = {name: value for name in _CONDITIONS if (value := getattr(wanted, name)) is not None}
    conditions = [_CONDITIONS[name] for name in params]
    if before:
        conditions.append(_BEFORE)
        params["before"] = before
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    query = text(f"{_COLUMNS}{_FROM}{where} ORDER BY m.created_at DESC, m.id DESC LIMIT :limit")
    found = await session.execute(query, params | {"limit": limit})
    return [dict(row) for row in found.mappings()]


async def find_message(session: AsyncSession, message_id: UUID) -> Row:
    """One message with what was sent to whom. Raises NotFoundError."""
    row = (await session.execute(_ONE, {"id": message_id})).mappings().one_or_none()
    if row is None:
        raise NotFoundError("message", str(message_id))
    return dict(row)


async def contents_of_order(session: AsyncSession, order_id: UUID) -> dict[UUID, Row]:
    """What was sent for an order, by message; the newest ones."""
    found = await session.execute(_CONTENTS, {"order_id": order_id, "limit": _MOST_CONTENTS})
    return {row.id: row.content for row in found}


async def troubles_of_runs(session: AsyncSession, run_ids: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """Messages of these runs that failed, bounced or have an unknown outcome, by run."""
    found: dict[UUID, list[Row]] = {}
    for row in (await session.execute(_TROUBLES, {"run_ids": list(run_ids)})).mappings():
        found.setdefault(row["run_id"], []).append(dict(row))
    return found


async def counts_of_orders(session: AsyncSession, order_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """How many messages each of these orders has, by state."""
    found: dict[UUID, dict[str, int]] = {}
    for row in await session.execute(_COUNTS, {"ids": list(order_ids)}):
        found.setdefault(row.order_id, {})[row.state] = row.messages
    return found


async def resolve_as_sent(
    session: AsyncSession, message_id: UUID, *, actor: str, now: datetime, why: str | None = None
) -> None:
    """An operator knows that an unknown message arrived, and may say `why`. Raises NotFoundError, ConflictError."""
    await _settle(session, message_id, "sent", "resolved", actor=actor, now=now, why=why)


async def resolve_by_resend(
    session: AsyncSession, message_id: UUID, *, actor: str, now: datetime, why: str | None = None
) -> Resend:
    """An operator wants an unknown message to go out again; whoever commits starts it (core.resending).

    Doing so twice before it is sent is harmless. Raises NotFoundError, ConflictError.
    """
    row = await _settle(session, message_id, "pending", "resend", actor=actor, now=now, why=why)
    return Resend(message_id=message_id, run_id=row.run_id, step_id=row.step_id, channel=row.channel)


async def _settle(
    session: AsyncSession, message_id: UUID, state: str, code: str, *, actor: str, now: datetime, why: str | None
) -> Any:  # Any: a row of _SETTLE
    params = {"id": message_id, "state": state, "reason": dump_json({"code": code}).decode(), "now": now}
    row = (await session.execute(_SETTLE, params)).one_or_none()
    if row is None:
        found = await find_message(session, message_id)
        msg = f"message {message_id} is {found['state']}; only one that is unknown can be resolved"
        raise ConflictError(msg)
    details = {"as": code} | ({"why": why} if why else {})
    await record_audit(session, actor=actor, action="message.resolve", subject=f"message:{message_id}", details=details)
    return row
