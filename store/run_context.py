"""All that an activity needs to know of its run, in one query."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.contracts import NO_ORDER
from store.events import events_after
from store.facts import event_facts, load_contacts, load_snapshot
from store.runs import missing

RUN_COLUMNS = """
    SELECT r.id, r.automation_id, r.version_id, r.event_seq, r.order_id, r.contact_id, r.state, r.stop, r.stop_event_id,
           r.created_at, r.due_at, v.drained_at, r.test, r.test_to,
           a.name AS automation_name, a.state AS automation_state,
           r.awaited_step, r.awaited_after, r.awaited_event_id, r.seen_order_id, COALESCE(e.depth, 0) AS depth,
           (SELECT jsonb_object_agg(one.step_id, one.result) FROM (
                SELECT m.step_id, jsonb_build_object('state', m.state) || CASE WHEN m.delivered_at IS NULL
                    AND m.opened_at IS NULL AND m.clicked_at IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('reached',
                    CASE WHEN m.clicked_at IS NOT NULL THEN 'clicked' WHEN m.opened_at IS NOT NULL THEN 'opened'
                    ELSE 'delivered' END) END AS result FROM message m WHERE m.run_id = r.id
                UNION ALL
                SELECT s.step_id, s.result || CASE WHEN got.id IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('event',
                    COALESCE(got.params, '{}'::jsonb) || jsonb_strip_nulls(jsonb_build_object(
                        'type', got.event_type, 'key', got.event_key, 'status', got.snapshot ->> 'status'))) END
                FROM step_result s LEFT JOIN order_event got ON got.id = s.event_id WHERE s.run_id = r.id
           ) one) AS steps,
           o.version AS order_version, e.event_type, e.event_key, e.snapshot, e.params, e.occurred_at,
           CASE WHEN e.occurred_at < e.received_at - interval '5 seconds' AND NOT r.test THEN e.occurred_at END
               AS told_late
"""
"""Of a run `r`, its automation `a`, version `v`, event `e` and order `o`."""
_FROM = """
    FROM run r JOIN automation a ON a.id = r.automation_id
    JOIN automation_version v ON v.id = r.version_id LEFT JOIN order_event e ON e.id = r.event_id
    LEFT JOIN "order" o ON o.id = r.order_id
    WHERE r.id = :id
"""
_CONTEXT = text(RUN_COLUMNS + _FROM)
_LOCK_ORDER = text('SELECT version FROM "order" WHERE id = :id FOR SHARE')
_LOCK_RUN = text("SELECT order_id FROM run WHERE id = :id FOR UPDATE")


@dataclass(frozen=True, slots=True)
class RunContext:
    """A run, its event, its order's current version and its automation's state."""

    row: dict[str, Any]  # Any: columns of _CONTEXT

    @property
    def id(self) -> UUID:
        """The run."""
        return UUID(str(self.row["id"]))

    @property
    def version_id(self) -> UUID:
        """The version that the run is pinned to."""
        return UUID(str(self.row["version_id"]))

    @property
    def order_version(self) -> int | None:
        """The order's version as it is now."""
        version: int | None = self.row["order_version"]
        return version

    @property
    def ended(self) -> bool:
        """Whether the run is over."""
        return self.row["state"] not in {"pending", "running", "waiting"}


async def load_run(session: AsyncSession, run_id: UUID, version_id: UUID | None = None) -> RunContext:
    """The context of a run, in the version that its workflow walks, if that is told. Raises NotFoundError."""
    row = (await session.execute(_CONTEXT, {"id": run_id})).mappings().one_or_none()
    if row is None:
        raise missing(run_id)
    return RunContext(dict(row) | ({"version_id": version_id} if version_id else {}))


async def lock_run_and_order(session: AsyncSession, run_id: UUID) -> None:
    """Wait for writers of the run and its order, and hold them off until this transaction ends.

    After it, a statement sees every event of the order that was committed before.
    """
    order_id = await session.scalar(_LOCK_RUN, {"id": run_id})
    if order_id is not None:
        await session.execute(_LOCK_ORDER, {"id": order_id})


async def run_facts(
    session: AsyncSession, context: RunContext, *, order_version: int | None, now: datetime
) -> dict[str, Any]:
    """What conditions and templates of this run see. The order is the one the run has seen, else the event's."""
    row = context.row
    order, order_id = row["snapshot"], row["seen_order_id"] or row["order_id"]
    if order_version == NO_ORDER:
        order = None
    elif order_id is not None and order_version is not None:
        order = await load_snapshot(session, order_id, order_version) or order
    contacts = await load_contacts(session, [row["contact_id"]] if row["contact_id"] else [])
    return facts_of(context, order=order, contact=contacts.get(row["contact_id"], {}), now=now)


def facts_of(
    context: RunContext, *, order: dict[str, Any] | None, contact: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """The same, of what is loaded already."""
    row = context.row
    return {
        "order": order or {},
        "event": event_facts(row),
        "contact": contact,
        "run": {
            "id": str(context.id),
            "startedAt": row["created_at"].isoformat(),
            "now": now.isoformat(),
            "test": row["test"],
        },
        "steps": row["steps"] or {},
    }


async def later_events(session: AsyncSession, context: RunContext, types: frozenset[str]) -> list[dict[str, Any]]:
    """Events of these types that came after the run's own, of its order or its contact.

    When the run's own was told late, also those that were known before it and came about after it.
    """
    row = context.row
    return await events_after(
        session,
        row["event_seq"],
        types,
        order_id=row["order_id"],
        contact_id=row["contact_id"],
        since=row["told_late"],
    )
