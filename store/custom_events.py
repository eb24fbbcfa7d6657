"""Events that are not an order's status: posted by a shop, emitted by an automation, caused by a segment."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json
from store.claims_first import wait_for_claims_of
from store.tables import EventBatch

_INSERT = text("""
    INSERT INTO order_event (event_type, event_key, effect, order_id, order_version, snapshot, params, contact_id,
                             batch_id, occurred_at, matched_at, depth, automation_id)
    SELECT given.event_type, given.event_key, 'acts', o.id, o.version, latest.snapshot, given.params,
           COALESCE(given.contact_id, o.contact_id), :batch_id, COALESCE(given.occurred_at, now()), now(), given.depth,
           given.automation_id
    FROM json_to_recordset(CAST(:rows AS json)) AS given(n int, event_type text, event_key text, params jsonb,
        contact_id uuid, order_id uuid, occurred_at timestamptz, depth int,
        automation_id uuid)
    LEFT JOIN "order" o ON o.id = given.order_id
    LEFT JOIN LATERAL (
        SELECT e.snapshot FROM order_event e WHERE e.order_id = o.id AND e.snapshot IS NOT NULL
        ORDER BY e.seq DESC LIMIT 1) latest ON true
    ORDER BY given.n
""")

_HEARD = text("""
    SELECT type FROM unnest(CAST(:types AS text[])) AS type WHERE EXISTS (
        SELECT FROM automation a JOIN automation_version v ON v.automation_id = a.id
        WHERE a.state <> 'archived' AND strpos(CAST(v.definition AS text), type) > 0
          AND (v.number = a.live_number OR EXISTS (
              SELECT FROM run r WHERE r.automation_id = a.id AND r.version_id = v.id
              AND r.state IN ('pending', 'running', 'waiting'))))
""")

_ORDER_ID = text('SELECT id FROM "order" WHERE external_order_id = :external_order_id')
_FIRST_EVENT = text("SELECT id FROM order_event WHERE batch_id = :batch_id ORDER BY seq LIMIT 1")


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be recorded. With an order it carries the order as it is, and by default the order's contact."""

    event_type: str
    event_key: str
    params: dict[str, Any] = field(default_factory=dict)  # Any: JSON; read in automations as event.<name>
    contact_id: UUID | None = None
    order_id: UUID | None = None
    occurred_at: datetime | None = None
    """Now, when None."""
    depth: int = 0
    automation_id: UUID | None = None
    """The only automation that it is for."""


async def record_events(session: AsyncSession, source: str, events: Sequence[NewEvent]) -> UUID:
    """Insert the events as one pending batch and return its id.

    Whoever commits then starts ProcessEvents for it (core.process, or the API's starter); what nobody starts the
    sweeper finds.
    """
    batch = EventBatch(source=source, accepted=len(events), failed=0)
    session.add(batch)
    await session.flush()
    rows = [
        {"n": n, **{name: getattr(event, name) for name in NewEvent.__dataclass_fields__}}
        for n, event in enumerate(events)
    ]
    await session.execute(_INSERT, {"rows": dump_json(rows).decode(), "batch_id": batch.id})
    await wait_for_claims_of(session, batch.id)
    return batch.id


async def heard(session: AsyncSession, types: Collection[str]) -> set[str]:
    """Those of these event types that an automation, or the version of a run that is open, names."""
    return set(await session.scalars(_HEARD, {"types": sorted(types)}))


async def find_order_id(session: AsyncSession, external_order_id: str) -> UUID | None:
    """Our id of the order that an event names, if we know it."""
    found: UUID | None = await session.scalar(_ORDER_ID, {"external_order_id": external_order_id})
    return found


async def first_event(session: AsyncSession, batch_id: UUID) -> UUID:
    """The first event of a batch that was recorded just now."""
    found: UUID = (await session.execute(_FIRST_EVENT, {"batch_id": batch_id})).scalar_one()
    return found
