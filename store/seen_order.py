"""The order that a run sees when it is another than that of its event, and in which version it loaded one."""

from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json

_BY_ID = text('SELECT id, version FROM "order" WHERE id = :id')
_BY_EXTERNAL_ID = text('SELECT id, version FROM "order" WHERE external_order_id = :id')
_LATEST = text('SELECT id, version FROM "order" WHERE contact_id = :id ORDER BY date DESC, id DESC LIMIT 1')
_SET = text("UPDATE run SET seen_order_id = :order_id WHERE id = :run_id")
# A repeated attempt loads anew, and what it loaded is what the run goes on with.
_RECORD = text("""
    INSERT INTO step_result (run_id, step_id, result) VALUES (:run_id, :step_id, CAST(:result AS jsonb))
    ON CONFLICT (run_id, step_id) DO UPDATE SET result = excluded.result, at = now()
""")
_LOADED = text("""
    SELECT s.step_id, s.at, o.id AS order_id, o.external_order_id, loaded.version, kept.snapshot
    FROM step_result s
    CROSS JOIN LATERAL jsonb_to_record(s.result -> 'loaded') AS loaded("order" uuid, version int)
    JOIN "order" o ON o.id = loaded."order"
    LEFT JOIN LATERAL (
        SELECT e.snapshot FROM order_event e WHERE e.order_id = o.id AND e.order_version <= loaded.version
        ORDER BY e.seq DESC LIMIT 1) kept ON true
    WHERE s.run_id = :run_id AND jsonb_exists(s.result, 'loaded')
""")


class SeenOrder(NamedTuple):
    """An order as it is now."""

    id: UUID
    version: int


async def find_order(
    session: AsyncSession, *, order_id: str | None, external_id: str | None, contact_id: UUID | None
) -> SeenOrder | None:
    """By our id, else by the shop's, else the contact's latest; None when there is no such order."""
    if order_id is not None:
        with suppress(ValueError):
            return await _one(session, _BY_ID, UUID(order_id))
        return None
    if external_id is not None:
        return await _one(session, _BY_EXTERNAL_ID, external_id)
    return await _one(session, _LATEST, contact_id) if contact_id is not None else None


async def set_seen_order(session: AsyncSession, run_id: UUID, order_id: UUID | None) -> None:
    """From now on the run sees this order; None is its own."""
    await session.execute(_SET, {"run_id": run_id, "order_id": order_id})


async def record_loaded(session: AsyncSession, run_id: UUID, step_id: str, found: SeenOrder | None) -> None:
    """What a step loaded: `found`, and which version of which order. Its fields stay where the order is kept."""
    result = {"found": found is not None}
    loaded = {"loaded": {"order": str(found.id), "version": found.version}} if found else {}
    given = {"run_id": run_id, "step_id": step_id, "result": dump_json(result | loaded).decode()}
    await session.execute(_RECORD, given)


async def loaded_orders(session: AsyncSession, run_id: UUID) -> dict[str, dict[str, Any]]:  # Any: columns
    """By step: the order that it loaded, as it was then; `snapshot` is None where that is no longer kept."""
    found = await session.execute(_LOADED, {"run_id": run_id})
    return {row["step_id"]: dict(row) for row in found.mappings()}


async def _one(session: AsyncSession, statement: object, key: object) -> SeenOrder | None:
    row = (await session.execute(statement, {"id": key})).one_or_none()  # type: ignore[call-overload] # a text clause
    return SeenOrder(*row) if row is not None else None
