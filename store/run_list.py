"""Runs as operators look at them."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from store.runs import missing

_COLUMNS = """
    SELECT r.id, r.test, r.state, r.step_id, r.due_at, r.stop, r.created_at, r.started_at, r.ended_at, r.automation_id,
           a.name AS automation, v.number AS version, e.event_type, e.event_key
    FROM run r JOIN automation a ON a.id = r.automation_id JOIN automation_version v ON v.id = r.version_id
    LEFT JOIN order_event e ON e.id = r.event_id
"""
_LIST = text(
    _COLUMNS
    + """
    WHERE (CAST(:state AS text) IS NULL OR r.state = :state)
      AND (CAST(:automation AS text) IS NULL OR a.name = :automation)
      AND (CAST(:order_key AS text) IS NULL OR e.event_key = :order_key)
      AND (CAST(:before AS uuid) IS NULL OR r.id < :before)
    ORDER BY r.id DESC LIMIT :limit
"""
)
_ONE = text(_COLUMNS + " WHERE r.id = :id")
_MESSAGES = text("""
    SELECT id, step_id, channel, template, state, reason, attempts, sent_at, updated_at
    FROM message WHERE run_id = :id ORDER BY created_at, id
""")


_RESULTS = text("SELECT step_id, result FROM step_result WHERE run_id = :id ORDER BY at, step_id")


async def list_runs(
    session: AsyncSession,
    *,
    state: str | None = None,
    automation: str | None = None,
    order: str | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Newest first; `before` is the last id of the page before."""
    found = await session.execute(
        _LIST, {"state": state, "automation": automation, "order_key": order, "before": before, "limit": limit}
    )
    return [dict(row) for row in found.mappings()]


async def find_run(session: AsyncSession, run_id: UUID) -> dict[str, Any]:
    """One run with its messages and the results of its steps. Raises NotFoundError."""
    row = (await session.execute(_ONE, {"id": run_id})).mappings().one_or_none()
    if row is None:
        raise missing(run_id)
    messages = (await session.execute(_MESSAGES, {"id": run_id})).mappings()
    results = await session.execute(_RESULTS, {"id": run_id})
    return {
        **row,
        "messages": [dict(message) for message in messages],
        "steps": {step.step_id: step.result for step in results},
    }
