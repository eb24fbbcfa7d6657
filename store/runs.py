"""Runs: their making, their way, their end."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json
from core.errors import NotFoundError
from store.arrivals import OF_ARRIVALS

_INSERT = text("""
    INSERT INTO run (id, automation_id, version_id, event_id, event_seq, order_id, contact_id, dedupe_key, state)
    SELECT id, automation_id, version_id, event_id, event_seq, order_id, contact_id, dedupe_key, 'pending'
    FROM json_to_recordset(CAST(:rows AS json)) AS given(id uuid, automation_id uuid, version_id uuid, event_id uuid,
        event_seq bigint, order_id uuid, contact_id uuid, dedupe_key text)
    ORDER BY dedupe_key  -- the same for everybody, so that nobody waits in a circle
    ON CONFLICT (dedupe_key) DO NOTHING RETURNING id
""")
_BY_KEY = text("SELECT dedupe_key, id FROM run WHERE dedupe_key = ANY(:keys)")
_OPEN = text("""
    SELECT id, automation_id, version_id, event_seq, order_id, contact_id, state, test FROM run
    WHERE state IN ('pending', 'running', 'waiting') AND stop IS NULL AND order_id = ANY(:order_ids)
    UNION
    SELECT id, automation_id, version_id, event_seq, order_id, contact_id, state, test FROM run
    WHERE state IN ('pending', 'running', 'waiting') AND stop IS NULL AND contact_id = ANY(:contact_ids)
    ORDER BY event_seq, id
""")
_STOP = text("""
    WITH given AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS given(id uuid, stop jsonb, event_id uuid)),
    locked AS MATERIALIZED (SELECT id FROM run WHERE id IN (SELECT id FROM given) ORDER BY id FOR UPDATE)
    UPDATE run SET stop = given.stop, stop_event_id = given.event_id FROM given JOIN locked USING (id)
    WHERE run.id = given.id AND run.stop IS NULL AND run.state IN ('pending', 'running', 'waiting')
""")
_OF_LAUNCHES = """
    FROM order_event e JOIN run r ON r.event_id = e.id JOIN automation a ON a.id = r.automation_id
    WHERE e.batch_id = ANY(:batch_ids) AND r.state = 'pending' AND r.stop IS NULL AND a.state = 'live'
"""
_LAUNCHES = text(
    """
    SELECT r.id, r.version_id, a.name AS automation, e.event_type, e.event_key, r.test,
        r.order_id IS NOT NULL AS has_order, e.snapshot ->> 'storeId' AS store_id, e.received_at
"""
    + _OF_LAUNCHES
    + " ORDER BY e.seq, r.id"
)
_HELD_LAUNCHES = text("""
    SELECT r.id, r.version_id, a.name AS automation, e.event_type, e.event_key, r.test,
        r.order_id IS NOT NULL AS has_order, e.snapshot ->> 'storeId' AS store_id, e.received_at
    FROM run r JOIN order_event e ON e.id = r.event_id JOIN automation a ON a.id = r.automation_id
    WHERE r.automation_id = :automation_id AND r.state = 'pending' AND r.stop IS NULL AND a.state = 'live'
      AND r.id > :after ORDER BY r.id LIMIT :limit
""")
_HELD_SENDS = text("""
    SELECT r.id FROM run r JOIN message m ON m.run_id = r.id
    WHERE r.automation_id = :automation_id AND r.state = 'running' AND r.stop IS NULL
      AND m.state = 'pending' AND m.reason ->> 'code' = 'paused' AND r.id > :after ORDER BY r.id LIMIT :limit
""")
_OF_SIGNALS = """
    FROM order_event e JOIN run r ON r.stop_event_id = e.id
    WHERE e.batch_id = ANY(:batch_ids) AND r.state IN ('running', 'waiting')
"""
_SIGNALS = text("SELECT r.id, r.stop" + _OF_SIGNALS + " ORDER BY e.seq, r.id")
_COUNTS = text(
    f"SELECT (SELECT count(*) {_OF_LAUNCHES}), (SELECT count(*) {_OF_SIGNALS}), (SELECT count(*) {OF_ARRIVALS})"
)
_END_UNSTARTED = text("""
    UPDATE run SET state = 'stopped', ended_at = :now
    WHERE state = 'pending' AND stop IS NOT NULL AND (
        event_id IN (SELECT id FROM order_event WHERE batch_id = ANY(:batch_ids))
        OR stop_event_id IN (SELECT id FROM order_event WHERE batch_id = ANY(:batch_ids)))
""")
_STARTED = text("""
    UPDATE run SET state = 'running', started_at = COALESCE(started_at, :now) WHERE id = ANY(:ids) AND state = 'pending'
""")
_AT_STEP = text("""
    UPDATE run SET state = CASE WHEN CAST(:due_at AS timestamptz) IS NULL THEN 'running' ELSE 'waiting' END,
        step_id = :step_id, due_at = :due_at, started_at = COALESCE(started_at, now())
    WHERE id = :id AND state IN ('pending', 'running', 'waiting')
""")
_VERSION = text("UPDATE run SET version_id = :version_id WHERE id = :id")
_END = text("""
    UPDATE run SET state = :state, due_at = NULL, ended_at = :now, awaited_step = NULL,
        started_at = COALESCE(started_at, CAST(:now AS timestamptz)),
        stop = COALESCE(stop, CAST(:stop AS jsonb)), stop_event_id = COALESCE(stop_event_id, :event_id)
    WHERE id = :id AND state IN ('pending', 'running', 'waiting') RETURNING id
""")
_FINISH = text("""
    UPDATE run SET state = 'done', due_at = NULL, ended_at = :now, awaited_step = NULL,
        started_at = COALESCE(started_at, CAST(:now AS timestamptz))
    WHERE id = :id AND state IN ('pending', 'running', 'waiting') AND stop IS NULL RETURNING id
""")


@dataclass(frozen=True, slots=True)
class NewRun:
    """A launch to be made, unless its dedupe_key exists."""

    id: UUID
    automation_id: UUID
    version_id: UUID
    event_id: UUID
    event_seq: int
    order_id: UUID | None
    contact_id: UUID | None
    dedupe_key: str


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run that has not ended and was not told to stop."""

    id: UUID
    automation_id: UUID
    version_id: UUID
    event_seq: int
    order_id: UUID | None
    contact_id: UUID | None
    state: str
    test: bool = False


async def insert_runs(session: AsyncSession, runs: Sequence[NewRun]) -> set[UUID]:
    """Make the runs whose dedupe_key is new. Returns the ids of those made."""
    if not runs:
        return set()
    rows = [{name: getattr(run, name) for name in NewRun.__dataclass_fields__} for run in runs]
    return set(await session.scalars(_INSERT, {"rows": dump_json(rows).decode()}))


async def runs_by_key(session: AsyncSession, keys: Collection[str]) -> dict[str, UUID]:
    """The runs that hold these dedupe keys."""
    if not keys:
        return {}
    return {row.dedupe_key: row.id for row in await session.execute(_BY_KEY, {"keys": list(keys)})}


async def open_runs(session: AsyncSession, order_ids: Collection[UUID], contact_ids: Collection[UUID]) -> list[OpenRun]:
    """Runs of these orders or contacts that an event could stop."""
    found = await session.execute(_OPEN, {"order_ids": list(order_ids), "contact_ids": list(contact_ids)})
    return [OpenRun(*row) for row in found]


async def record_stops(session: AsyncSession, stops: Sequence[tuple[UUID, dict[str, Any], UUID | None]]) -> None:
    """Tell runs to stop: (run, why, event). From this commit on nothing of theirs is sent."""
    if stops:
        rows = [{"id": run_id, "stop": stop, "event_id": event_id} for run_id, stop, event_id in stops]
        await session.execute(_STOP, {"rows": dump_json(rows).decode()})


async def launches(session: AsyncSession, batch_ids: Sequence[UUID]) -> list[Any]:  # Any: rows of _LAUNCHES
    """Runs of these batches whose workflow is not started, with what their launch tells of the event."""
    return list(await session.execute(_LAUNCHES, {"batch_ids": list(batch_ids)}))


async def held_launches(session: AsyncSession, automation_id: UUID, *, after: UUID, limit: int) -> list[Any]:
    """Runs that a pause kept from starting, as `launches`, in pages."""
    return list(await session.execute(_HELD_LAUNCHES, {"automation_id": automation_id, "after": after, "limit": limit}))


async def held_sends(session: AsyncSession, automation_id: UUID, *, after: UUID, limit: int) -> list[Any]:
    """Running runs whose send a pause holds, in pages: id."""
    return list(await session.execute(_HELD_SENDS, {"automation_id": automation_id, "after": after, "limit": limit}))


async def stop_signals(session: AsyncSession, batch_ids: Sequence[UUID]) -> list[Any]:  # Any: rows of _SIGNALS
    """Running runs that an event of these batches stopped: id, stop."""
    return list(await session.execute(_SIGNALS, {"batch_ids": list(batch_ids)}))


async def count_consequences(session: AsyncSession, batch_ids: Sequence[UUID]) -> tuple[int, int, int]:
    """What is left to do in Temporal: as many as `launches`, as `stop_signals` and as `arrivals` give."""
    started, stopped, woken = (await session.execute(_COUNTS, {"batch_ids": list(batch_ids)})).one()
    return started, stopped, woken


async def end_unstarted(session: AsyncSession, batch_ids: Sequence[UUID], now: datetime) -> None:
    """A run that was stopped before its workflow began needs none."""
    await session.execute(_END_UNSTARTED, {"batch_ids": list(batch_ids), "now": now})


async def mark_started(session: AsyncSession, run_ids: Sequence[UUID], now: datetime) -> None:
    """The workflows of these runs exist."""
    await session.execute(_STARTED, {"ids": list(run_ids), "now": now})


async def set_step(session: AsyncSession, run_id: UUID, step_id: str, due_at: datetime | None = None) -> None:
    """Where a run is; with `due_at` it waits until then."""
    await session.execute(_AT_STEP, {"id": run_id, "step_id": step_id, "due_at": due_at})


async def set_version(session: AsyncSession, run_id: UUID, version_id: UUID) -> None:
    """A run goes on in another version."""
    await session.execute(_VERSION, {"id": run_id, "version_id": version_id})


async def end_run(
    session: AsyncSession,
    run_id: UUID,
    *,
    state: str,
    now: datetime,
    stop: dict[str, Any] | None = None,
    stop_event_id: UUID | None = None,
) -> bool:
    """Close a run. Returns False when it was closed before."""
    ended = await session.scalar(
        _END,
        {
            "id": run_id,
            "state": state,
            "now": now,
            "stop": dump_json(stop).decode() if stop else None,
            "event_id": stop_event_id,
        },
    )
    return ended is not None


async def finish_unstopped(session: AsyncSession, run_id: UUID, now: datetime) -> bool:
    """Close a run as `done`, unless something told it to stop. Returns whether it was open."""
    return await session.scalar(_FINISH, {"id": run_id, "now": now}) is not None


def missing(run_id: UUID) -> NotFoundError:
    """The error for a run that does not exist."""
    return NotFoundError("run", str(run_id))
