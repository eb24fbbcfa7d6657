"""What the database knows of launches that may contradict a new one, asked and held for a whole batch at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json

_BUCKETS = 1024
"""Locks that one transaction takes at most, whatever the batch; PostgreSQL's table of locks has some thousands."""
_LOCK_SPACE = 5_072_002
"""First half of the advisory locks of launches; the second is the bucket."""

_LOCK = text("""
    SELECT pg_advisory_xact_lock(:space, bucket) FROM (
        SELECT DISTINCT (hashtextextended(key, 0) & (:buckets - 1))::int AS bucket
        FROM unnest(CAST(:keys AS text[])) key ORDER BY bucket) ordered
""")
_RECENT = text("""
    WITH given AS MATERIALIZED (
        SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS given(automation_id uuid, per text, owner uuid,
            since timestamptz))
    SELECT g.automation_id, g.owner, r.id AS run_id, e.occurred_at
    FROM given g JOIN run r ON r.contact_id = g.owner AND r.automation_id = g.automation_id
    JOIN order_event e ON e.id = r.event_id WHERE g.per = 'contact' AND e.occurred_at > g.since AND NOT r.test
    UNION
    SELECT g.automation_id, g.owner, r.id, e.occurred_at
    FROM given g JOIN run r ON r.order_id = g.owner AND r.automation_id = g.automation_id
    JOIN order_event e ON e.id = r.event_id WHERE g.per = 'order' AND e.occurred_at > g.since AND NOT r.test
    ORDER BY occurred_at
""")


@dataclass(frozen=True, slots=True)
class Window:
    """A length of time in which an automation runs once for its owner, an order or a contact."""

    automation_id: UUID
    per: str
    owner: UUID
    since: datetime


@dataclass(frozen=True, slots=True)
class RecentRun:
    """A run whose event lies in a window."""

    automation_id: UUID
    owner: UUID
    run_id: UUID
    occurred_at: datetime


async def lock_launches(session: AsyncSession, keys: Collection[str]) -> None:
    """Let one transaction at a time decide about launches with these keys, until it ends.

    The locks are taken in one order by everybody, so nobody waits in a circle. What is read after this call is what the
    transactions before left.
    """
    if keys:
        await session.execute(_LOCK, {"space": _LOCK_SPACE, "buckets": _BUCKETS, "keys": sorted(keys)})


async def recent_runs(session: AsyncSession, windows: Sequence[Window]) -> list[RecentRun]:
    """Runs in these windows, the oldest first."""
    if not windows:
        return []
    rows = [{name: getattr(one, name) for name in Window.__dataclass_fields__} for one in windows]
    return [RecentRun(*row) for row in await session.execute(_RECENT, {"rows": dump_json(rows).decode()})]
