"""The story of one order: its events, and every decision, run and message that came of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFoundError
from store.decisions import OF_EVENT

_MOST_EVENTS = 200
"""An order with more events shows its newest."""

_EVENTS = text("""
    SELECT id, batch_id, seq, event_type, event_key, effect, order_version, occurred_at, received_at
    FROM order_event WHERE order_id = :order_id ORDER BY seq DESC LIMIT :limit
""")
_DECISIONS = text(f"""
    SELECT e.id AS event_id, d.outcome, d.reason, d.run_id, d.decided_at, a.name AS automation, v.number AS version
    FROM order_event e CROSS JOIN LATERAL {OF_EVENT} d
    JOIN automation a ON a.id = d.automation_id JOIN automation_version v ON v.id = d.version_id
    WHERE e.id = ANY(:event_ids)
    UNION ALL
    -- automations that were live and do not listen to such an event
    SELECT e.id, 'not_matched', jsonb_build_object('code', 'other_event', 'starts_on', COALESCE(
               v.definition #> '{{start,event}}',
               jsonb_build_array('looks at ' || (v.definition #>> '{{start,segment}}')))),
           NULL, b.decided_at, a.name, v.number
    FROM order_event e JOIN event_batch b ON b.id = e.batch_id
    CROSS JOIN LATERAL jsonb_array_elements_text(COALESCE(b.versions, '[]'::jsonb)) AS considered(version_id)
    JOIN automation_version v ON v.id = considered.version_id::uuid JOIN automation a ON a.id = v.automation_id
    WHERE e.id = ANY(:event_ids) AND (e.automation_id IS NULL OR e.automation_id = a.id)
      AND NOT EXISTS (SELECT FROM decision d WHERE d.event_id = e.id AND d.automation_id = a.id)
      AND NOT EXISTS (SELECT FROM unmatched u WHERE u.event_id = e.id AND jsonb_exists(u.decisions::jsonb, v.id::text))
    ORDER BY decided_at, automation
""")  # noqa: S608 - a constant
_RUNS = text("""
    SELECT r.id, r.event_id, r.test, r.state, r.step_id, r.due_at, r.stop, r.created_at, r.started_at, r.ended_at,
           a.name AS automation, v.number AS version, v.definition
    FROM run r JOIN automation a ON a.id = r.automation_id JOIN automation_version v ON v.id = r.version_id
    WHERE r.order_id = :order_id ORDER BY r.created_at, r.id
""")
_MESSAGES = text("""
    SELECT m.id, m.run_id, m.step_id, m.channel, m.template, m.state, m.reason, m.attempts, m.created_at, m.updated_at,
           m.sent_at, m.content ->> 'subject' AS subject, r.test, a.name AS automation
    FROM message m JOIN run r ON r.id = m.run_id JOIN automation a ON a.id = r.automation_id
    WHERE r.order_id = :order_id ORDER BY m.created_at, m.id
""")

_SNAPSHOTS = text("""
    SELECT id, event_type, effect, order_version, received_at, snapshot, kept FROM (
        SELECT * FROM order_event WHERE order_id = :order_id ORDER BY seq DESC LIMIT :limit) newest ORDER BY seq
""")
_MOST_SNAPSHOTS = 50

_EVENT = text("""
    SELECT e.id, e.batch_id, e.seq, e.event_type, e.event_key, e.effect, e.order_version, e.occurred_at, e.received_at,
           b.decided_at
    FROM order_event e JOIN event_batch b ON b.id = e.batch_id WHERE e.id = :id
""")
_RUNS_BY_ID = text(str(_RUNS).replace("r.order_id = :order_id", "r.id = ANY(:ids)"))
_MESSAGES_OF_RUNS = text(str(_MESSAGES).replace("r.order_id = :order_id", "r.id = ANY(:ids)"))


@dataclass(frozen=True)
class EventStory:
    """As a timeline, of one event: its runs are those that it started, stopped, or that stood in its way."""

    event: dict[str, Any]
    decisions: list[dict[str, Any]]
    runs: list[dict[str, Any]]
    messages: list[dict[str, Any]]


@dataclass(frozen=True)
class Timeline:
    """Rows as mappings, each list in time order."""

    events: list[dict[str, Any]]
    decisions: list[dict[str, Any]]
    runs: list[dict[str, Any]]
    messages: list[dict[str, Any]]


async def load_timeline(session: AsyncSession, order_id: UUID) -> Timeline:
    """Everything that happened to an order and because of it, in four queries."""
    events = await _rows(session, _EVENTS, order_id=order_id, limit=_MOST_EVENTS)
    events.reverse()
    return Timeline(
        events=events,
        decisions=await _rows(session, _DECISIONS, event_ids=[event["id"] for event in events]),
        runs=await _rows(session, _RUNS, order_id=order_id),
        messages=await _rows(session, _MESSAGES, order_id=order_id),
    )


async def snapshots(session: AsyncSession, order_id: UUID) -> list[dict[str, Any]]:
    """The order after each of its newest events, oldest first."""
    return await _rows(session, _SNAPSHOTS, order_id=order_id, limit=_MOST_SNAPSHOTS)


def as_sent(row: Mapping[str, Any]) -> dict[str, Any] | None:  # Any: columns and JSON
    """What the change brought, of a row of `snapshots`: amounts as they are, moments in UTC.

    None for what is no change of an order, and for one of a time when this was not kept.
    """
    if row["snapshot"] is None or row["kept"] is None:
        return None
    return {name: value for name, value in row["snapshot"].items() if name not in row["kept"]}


async def load_event_story(session: AsyncSession, event_id: UUID) -> EventStory:
    """What one event meant for each automation that was live, and what came of it. Raises NotFoundError."""
    found = await _rows(session, _EVENT, id=event_id)
    if not found:
        raise NotFoundError("event", str(event_id))
    decisions = await _rows(session, _DECISIONS, event_ids=[event_id])
    run_ids = [one["run_id"] for one in decisions if one["run_id"]]
    return EventStory(
        event=found[0],
        decisions=decisions,
        runs=await _rows(session, _RUNS_BY_ID, ids=run_ids),
        messages=await _rows(session, _MESSAGES_OF_RUNS, ids=run_ids),
    )


async def _rows(session: AsyncSession, statement: Any, **params: object) -> list[dict[str, Any]]:  # Any: a text clause
    return [dict(row) for row in (await session.execute(statement, params)).mappings()]
