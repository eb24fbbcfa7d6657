"""Runs that wait for an event, and the events that came for them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json

# Events of one order have their seq in the order of their commits, so that all up to the greatest that is seen
# were there before the wait.
_BEGIN = text("""
    UPDATE run SET state = 'waiting', step_id = :step_id, due_at = :due_at, awaited_step = :step_id,
        awaited_by = :awaited_by, awaited_types = :types, awaited_event_id = NULL,
        started_at = COALESCE(started_at, now()),
        awaited_after = GREATEST(event_seq, (
            SELECT max(seq) FROM order_event e WHERE CASE CAST(:awaited_by AS text)
                WHEN 'order' THEN e.order_id = run.order_id ELSE e.contact_id = run.contact_id END))
    WHERE id = :id AND state IN ('pending', 'running', 'waiting') AND awaited_step IS DISTINCT FROM :step_id
""")
_CHANGE = text("""
    UPDATE run SET awaited_by = :awaited_by, awaited_types = :types WHERE id = :id AND awaited_step = :step_id
""")
_END = text("""
    UPDATE run SET state = 'running', due_at = NULL, awaited_step = NULL, awaited_by = NULL, awaited_types = NULL,
        awaited_after = NULL, awaited_event_id = NULL
    WHERE id = :id AND state IN ('running', 'waiting')
""")
_WAITING = text("""
    SELECT id, automation_id, version_id, order_id, contact_id, awaited_step, awaited_after FROM run
    WHERE awaited_step IS NOT NULL AND awaited_event_id IS NULL AND stop IS NULL AND awaited_by = 'order'
      AND order_id = ANY(:order_ids) AND awaited_types && CAST(:types AS text[])
    UNION
    SELECT id, automation_id, version_id, order_id, contact_id, awaited_step, awaited_after FROM run
    WHERE awaited_step IS NOT NULL AND awaited_event_id IS NULL AND stop IS NULL AND awaited_by = 'contact'
      AND contact_id = ANY(:contact_ids) AND awaited_types && CAST(:types AS text[])
    ORDER BY id
""")
_ARRIVED = text("""
    WITH given AS MATERIALIZED (SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS given(id uuid, event_id uuid)),
    locked AS MATERIALIZED (SELECT id FROM run WHERE id IN (SELECT id FROM given) ORDER BY id FOR UPDATE)
    UPDATE run SET awaited_event_id = given.event_id FROM given JOIN locked USING (id)
    WHERE run.id = given.id AND run.awaited_step IS NOT NULL AND run.awaited_event_id IS NULL
""")
OF_ARRIVALS = """
    FROM order_event e JOIN run r ON r.awaited_event_id = e.id
    WHERE e.batch_id = ANY(:batch_ids) AND r.state IN ('running', 'waiting') AND r.stop IS NULL
"""
_OF_BATCHES = text(
    "SELECT r.id, r.awaited_step, e.id AS event_id, e.event_type" + OF_ARRIVALS + " ORDER BY e.seq, r.id"
)


@dataclass(frozen=True, slots=True)
class WaitingRun:
    """A run that sleeps at a wait_for. Only events after `awaited_after` are meant."""

    id: UUID
    automation_id: UUID
    version_id: UUID
    order_id: UUID | None
    contact_id: UUID | None
    awaited_step: str
    awaited_after: int


async def begin_waiting(
    session: AsyncSession, run_id: UUID, step_id: str, *, match: str, types: Sequence[str], due_at: datetime
) -> None:
    """From the commit on, an event finds the run. Call with the run and its order locked; doing so twice is once."""
    await session.execute(
        _BEGIN, {"id": run_id, "step_id": step_id, "awaited_by": match, "types": list(types), "due_at": due_at}
    )


async def wait_for_others(
    session: AsyncSession, run_id: UUID, step_id: str, *, match: str, types: Sequence[str]
) -> None:
    """From the commit on, events of these types find a run that waits at the step, instead of those of before."""
    await session.execute(_CHANGE, {"id": run_id, "step_id": step_id, "awaited_by": match, "types": list(types)})


async def end_waiting(session: AsyncSession, run_id: UUID) -> None:
    """The run waits for nothing any more."""
    await session.execute(_END, {"id": run_id})


async def waiting_runs(
    session: AsyncSession, types: Collection[str], order_ids: Collection[UUID], contact_ids: Collection[UUID]
) -> list[WaitingRun]:
    """Runs of these orders or contacts that wait for such events."""
    params = {"types": sorted(types), "order_ids": list(order_ids), "contact_ids": list(contact_ids)}
    return [WaitingRun(*row) for row in await session.execute(_WAITING, params)]


async def record_arrivals(session: AsyncSession, arrived: Mapping[UUID, UUID]) -> None:
    """The event (value) that each run (key) waited for. The first one stays."""
    if arrived:
        rows = [{"id": run_id, "event_id": event_id} for run_id, event_id in arrived.items()]
        await session.execute(_ARRIVED, {"rows": dump_json(rows).decode()})


async def arrivals(session: AsyncSession, batch_ids: Sequence[UUID]) -> list[Any]:  # Any: rows of _OF_BATCHES
    """Runs to be woken by events of these batches: id, awaited_step, event_id, event_type."""
    return list(await session.execute(_OF_BATCHES, {"batch_ids": list(batch_ids)}))
