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
# A repeated attempt loads anew, and what it loaded is what the run goes on with. One statement: each run passes here.
_RECORD = text("""
    WITH here AS (
        UPDATE run SET state = 'running', step_id = :step_id, due_at = NULL, seen_order_id = :seen
        WHERE id = :run_id AND state IN ('pending', 'running', 'waiting'))
    INSERT INTO step_result (run_id, step_id, result)
    SELECT :run_id, :step_id, CAST(:result AS jsonb) WHERE :result IS NOT NULL
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


async def record_own(session: AsyncSession, run_id: UUID, step_id: str, own: SeenOrder | None) -> None:
    """The run is at this step, where it loaded its own order; None is one that was pasted for a test."""
    await _record(session, run_id, step_id, seen=None, result=_loaded(own) if own else None)


async def record_other(session: AsyncSession, run_id: UUID, step_id: str, found: SeenOrder | None) -> None:
    """The run is at this step, and sees the order that was found there from now on."""
    result = _loaded(found) if found else {"found": False}
    await _record(session, run_id, step_id, seen=found.id if found else None, result=result)


async def loaded_orders(session: AsyncSession, run_id: UUID) -> dict[str, dict[str, Any]]:  # Any: columns
    """By step: the order that it loaded, as it was then; `snapshot` is None where that is no longer kept."""
    found = await session.execute(_LOADED, {"run_id": run_id})
    return {row["step_id"]: dict(row) for row in found.mappings()}


async def _one(session: AsyncSession, statement: object, key: object) -> SeenOrder | None:
    row = (await session.execute(statement, {"id": key})).one_or_none()  # type: ignore[call-overload] # a text clause
    return SeenOrder(*row) if row is not None else None


def _loaded(order: SeenOrder) -> dict[str, Any]:  # Any: JSON
    """Which version of which order it was. Its fields stay where the order is kept."""
    return {"found": True, "loaded": {"order": str(order.id), "version": order.version}}


async def _record(
    session: AsyncSession,
    run_id: UUID,
    step_id: str,
    *,
    seen: UUID | None,
    result: dict[str, Any] | None,  # Any: JSON
) -> None:
    told = dump_json(result).decode() if result is not None else None
    await session.execute(_RECORD, {"run_id": run_id, "step_id": step_id, "seen": seen, "result": told})
