"""Events as operators look at them. Ids grow with the moment of arrival, so the list needs no other order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFoundError
from store.decisions import OF_EVENT
from store.retention import first_id_at, made_at

_SLACK = timedelta(minutes=10)
"""An id is made a little later than its transaction began, which is what `received_at` says; no longer than this."""

_COLUMNS = """
    SELECT e.id, e.event_type, e.event_key, e.effect, e.order_id, e.contact_id, e.params, e.occurred_at, e.received_at,
           e.depth, o.external_order_id, b.source, b.decided_at
    FROM order_event e JOIN event_batch b ON b.id = e.batch_id LEFT JOIN "order" o ON o.id = e.order_id
"""
# A run is made after its event, so that the newest runs in trouble are those of the newest events.
_NEWEST_FAILED = text("""
    (SELECT NULL AS run_id, event_id FROM run WHERE state = 'failed' AND event_id IS NOT NULL
     ORDER BY event_id DESC LIMIT :limit)
    UNION ALL
    SELECT r.id, r.event_id FROM (
        SELECT run_id FROM message WHERE state IN ('failed', 'bounced', 'unknown')
        GROUP BY run_id ORDER BY run_id DESC LIMIT :limit) AS troubled JOIN run r ON r.id = troubled.run_id
""")
_IN_THESE = "e.id = ANY(:failed_ids)"
_FAILED = """EXISTS (SELECT FROM run r WHERE r.event_id = e.id AND (r.state = 'failed' OR EXISTS (
    SELECT FROM message m WHERE m.run_id = r.id AND m.state IN ('failed', 'bounced', 'unknown'))))"""
_MOST_FAILED = 1000
"""The events of so many are looked up by their ids; older ones are met on the way from event to event."""
_CONDITIONS = {
    "event_type": "e.event_type = :event_type",
    "event_key": "e.event_key = :event_key",
    "contact_id": "e.contact_id = :contact_id",
    "since": "e.received_at >= :since AND e.id >= :since_id",
    "until": "e.received_at < :until AND e.id < :until_id",
    "before": "e.id < :before",
}
_ONE = text(_COLUMNS + " WHERE e.id = :id")
_SNAPSHOT = text("SELECT snapshot FROM order_event WHERE id = :id")
_DECISIONS = text(f"""
    SELECT d.outcome, d.reason, d.run_id, d.decided_at, a.name AS automation, v.number AS version
    FROM order_event e CROSS JOIN LATERAL {OF_EVENT} d
    JOIN automation a ON a.id = d.automation_id JOIN automation_version v ON v.id = d.version_id
    WHERE e.id = :id ORDER BY d.id, automation
""")  # noqa: S608 - a constant
_DECISIONS_OF = text(f"""
    SELECT e.id AS event_id, d.outcome, d.run_id, a.name AS automation
    FROM order_event e CROSS JOIN LATERAL {OF_EVENT} d JOIN automation a ON a.id = d.automation_id
    WHERE e.id = ANY(:ids) ORDER BY d.id, automation
""")  # noqa: S608 - a constant
_RUNS = text("""
    SELECT r.id, r.state, r.step_id, r.due_at, r.stop, r.created_at, r.started_at, r.ended_at, a.name AS automation
    FROM run r JOIN automation a ON a.id = r.automation_id WHERE r.event_id = :id ORDER BY r.id
""")
_MESSAGES = text("""
    SELECT m.id, m.run_id, m.step_id, m.channel, m.template, m.state, m.reason, m.attempts, m.sent_at, m.updated_at
    FROM message m JOIN run r ON r.id = m.run_id WHERE r.event_id = :id ORDER BY m.created_at, m.id
""")
# From one type to the next by the index, whatever the number of events.
_TYPES = text("""
    WITH RECURSIVE types AS (
        (SELECT event_type FROM order_event ORDER BY event_type LIMIT 1)
        UNION ALL
        SELECT (SELECT e.event_type FROM order_event e WHERE e.event_type > types.event_type
                ORDER BY e.event_type LIMIT 1)
        FROM types WHERE types.event_type IS NOT NULL
    )
    SELECT event_type, last.received_at AS last_received_at FROM types CROSS JOIN LATERAL (
        SELECT e.received_at FROM order_event e WHERE e.event_type = types.event_type ORDER BY e.id DESC LIMIT 1) last
    WHERE event_type IS NOT NULL ORDER BY event_type LIMIT :limit
""")
_MOST_TYPES = 1000

Row = dict[str, Any]  # Any: each column has its own type


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events; None does not restrict. Moments of arrival from `since` up to, and without, `until`."""

    event_type: str | None = None
    event_key: str | None = None
    contact_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    failed: bool = False
    """Only events of which a run or a message failed."""


async def list_events(session: AsyncSession, wanted: EventFilter, *, before: UUID | None, limit: int) -> list[Row]:
    """Newest first; `before` is the last id of the page before."""
    params: dict[str, object] = {
        name: value
        for name in ("event_type", "event_key", "contact_id", "since", "until")
        if (value := getattr(wanted, name)) is not None
    }
    if before:
        params["before"] = before
    if wanted.since:
        params["since_id"] = first_id_at(wanted.since - _SLACK)
    if wanted.until:
        params["until_id"] = first_id_at(wanted.until + _SLACK)
    conditions = [_CONDITIONS[name] for name in _CONDITIONS if name in params]
    if not wanted.failed:
        return await _list(session, conditions, params, limit)
    ids, all_ = await _newest_failed(session)
    found = await _list(session, [*conditions, _IN_THESE], params | {"failed_ids": ids}, limit)
    if all_ or len(found) == limit:
        return found
    return await _list(session, [*conditions, _FAILED], params, limit)


async def _list(session: AsyncSession, conditions: list[str], params: dict[str, object], limit: int) -> list[Row]:
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    query = text(f"{_COLUMNS} {where} ORDER BY e.id DESC LIMIT :limit")
    return [dict(row) for row in (await session.execute(query, {**params, "limit": limit})).mappings()]


async def _newest_failed(session: AsyncSession) -> tuple[list[UUID], bool]:
    """Events with trouble, from the newest on without a gap, and whether these are all there are."""
    found = (await session.execute(_NEWEST_FAILED, {"limit": _MOST_FAILED})).all()
    of_runs = [row.event_id for row in found if row.run_id is None]
    runs = [row.run_id for row in found if row.run_id is not None]
    bounds = [min(of_runs)] if len(of_runs) == _MOST_FAILED else []
    if len(runs) == _MOST_FAILED:  # the event of an older run is newer only by what clocks may disagree
        bounds.append(first_id_at(made_at(min(runs)) + _SLACK))
    bound = max(bounds, default=UUID(int=0))
    return [row.event_id for row in found if row.event_id is not None and row.event_id >= bound], not bounds


async def decisions_of(session: AsyncSession, event_ids: Sequence[UUID]) -> dict[UUID, list[Row]]:
    """What the automations made of each of these events."""
    found: dict[UUID, list[Row]] = {}
    for row in (await session.execute(_DECISIONS_OF, {"ids": list(event_ids)})).mappings():
        found.setdefault(row["event_id"], []).append(dict(row))
    return found


async def find_event(session: AsyncSession, event_id: UUID) -> Row:
    """One event with its decisions, runs and messages. Raises NotFoundError."""
    params = {"id": event_id}
    row = (await session.execute(_ONE, params)).mappings().one_or_none()
    if row is None:
        raise NotFoundError("event", str(event_id))
    parts = {"decisions": _DECISIONS, "runs": _RUNS, "messages": _MESSAGES}
    found = {
        name: [dict(one) for one in (await session.execute(statement, params)).mappings()]
        for name, statement in parts.items()
    }
    return {**row, "snapshot": await session.scalar(_SNAPSHOT, params), **found}


async def list_types(session: AsyncSession) -> list[Row]:
    """Every type of event that has come, and when it last did."""
    return [dict(row) for row in (await session.execute(_TYPES, {"limit": _MOST_TYPES})).mappings()]
