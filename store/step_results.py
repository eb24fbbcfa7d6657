"""What came of a run's steps, read again as `steps.<id>` by what stands behind them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json

_RECORD = text("""
    INSERT INTO step_result (run_id, step_id, result, event_id)
    SELECT :run_id, key, value, :event_id FROM jsonb_each(CAST(:results AS jsonb))
    ON CONFLICT (run_id, step_id) DO NOTHING
""")
_FIND = text("SELECT result FROM step_result WHERE run_id = :run_id AND step_id = :step_id")


async def record_results(
    session: AsyncSession,
    run_id: UUID,
    results: Mapping[str, Mapping[str, Any]],  # Any: JSON
    *,
    event_id: UUID | None = None,
) -> None:
    """Keep results by step id. One that is there already stays: a step happens once."""
    if results:
        await session.execute(_RECORD, {"run_id": run_id, "results": dump_json(results).decode(), "event_id": event_id})


async def find_result(session: AsyncSession, run_id: UUID, step_id: str) -> dict[str, Any] | None:  # Any: JSON
    """What a step came to; None when it has not happened."""
    found: dict[str, Any] | None = await session.scalar(_FIND, {"run_id": run_id, "step_id": step_id})
    return found
