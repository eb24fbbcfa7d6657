"""Test launches: the event that they begin with, and their run, which no rule and no report counts."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json
from core.errors import ConflictError, NotFoundError
from store.tables.event import Effect

_COLUMNS = (
    "id, seq, event_type, event_key, effect, order_id, contact_id, snapshot, params, occurred_at, received_at, "
    "matched_at"
)
_OF_ORDER = text(
    f"SELECT {_COLUMNS} FROM order_event "  # noqa: S608 # column names are constants
    "WHERE order_id = (SELECT id FROM \"order\" WHERE external_order_id = :key) AND effect <> 'stale' "
    "ORDER BY event_type = ANY(:types) DESC, seq DESC LIMIT 1"
)
_BATCH = text("""
    INSERT INTO event_batch (source, state, accepted, failed, versions, decided_at, done_at)
    VALUES (:source, 'done', 0, 0, '[]', now(), now()) RETURNING id
""")
_PASTE = text("""
    INSERT INTO order_event (event_type, event_key, effect, snapshot, params, contact_id, batch_id, occurred_at,
        matched_at)
    VALUES (:event_type, :event_key, :effect, CAST(:snapshot AS jsonb), CAST(:params AS jsonb), :contact_id, :batch_id,
        now(), now()) RETURNING id
""")
_CONTACT = text("SELECT id FROM contact WHERE id = :id")
_RUN = text("""
    INSERT INTO run (automation_id, version_id, event_id, event_seq, order_id, contact_id, dedupe_key, state, test,
        test_to)
    SELECT :automation_id, :version_id, e.id, (SELECT max(seq) FROM order_event), e.order_id, e.contact_id,
        'test:' || uuidv7(), 'pending', true, :test_to
    FROM order_event e WHERE e.id = :event_id RETURNING id
""")
"""Only events that come after the launch stop it: `event_seq` is the newest of all, not the event's own."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """An event that somebody wrote down to try an automation; `order` is a snapshot in the API's names."""

    event_type: str
    event_key: str
    params: dict[str, Any]  # JSON
    order: dict[str, Any] | None = None  # JSON
    contact_id: UUID | None = None


async def event_to_try(session: AsyncSession, external_order_id: str, types: Collection[str]) -> dict[str, Any]:
    """The newest event of an order that has one of the types, else its newest at all.

    Raises NotFoundError, and ConflictError while it has no contact yet.
    """
    found = await session.execute(_OF_ORDER, {"key": external_order_id, "types": list(types)})
    row = found.mappings().one_or_none()
    if row is None:
        raise NotFoundError("order", external_order_id)
    if row["matched_at"] is None:
        raise ConflictError(f"order {external_order_id!r} has no contact yet; try again in a moment")
    return dict(row)


async def check_contact(session: AsyncSession, contact_id: UUID) -> None:
    """Raises NotFoundError for a contact that does not exist."""
    if await session.scalar(_CONTACT, {"id": contact_id}) is None:
        raise NotFoundError("contact", str(contact_id))


async def paste_event(session: AsyncSession, pasted: Pasted, *, source: str) -> UUID:
    """Keep a pasted event, decided already and without effect, so that a run can have it."""
    batch_id = await session.scalar(_BATCH, {"source": source})
    event_id: UUID = (
        await session.execute(
            _PASTE,
            {
                "event_type": pasted.event_type,
                "event_key": pasted.event_key,
                "effect": Effect.TEST,
                "snapshot": dump_json(pasted.order).decode() if pasted.order is not None else None,
                "params": dump_json(pasted.params).decode(),
                "contact_id": pasted.contact_id,
                "batch_id": batch_id,
            },
        )
    ).scalar_one()
    return event_id


async def insert_test_run(
    session: AsyncSession, *, automation_id: UUID, version_id: UUID, event_id: UUID, to: str | None
) -> UUID:
    """A run for this event beside all others; with `to` its messages go there."""
    values = {"automation_id": automation_id, "version_id": version_id, "event_id": event_id, "test_to": to}
    run_id: UUID = (await session.execute(_RUN, values)).scalar_one()
    return run_id
