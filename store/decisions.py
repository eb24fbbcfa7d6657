"""Decisions: what each event meant for each automation.

Most say that a condition did not hold; those of one event lie together in one row of `unmatched`, see ADR 22.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json
from store.tables.run import Outcome

_INSERT = text("""
    INSERT INTO decision (event_id, automation_id, version_id, outcome, reason, run_id)
    SELECT event_id, automation_id, version_id, outcome, reason, run_id
    FROM json_to_recordset(CAST(:rows AS json)) AS given(n int, event_id uuid, automation_id uuid, version_id uuid,
        outcome text, reason jsonb, run_id uuid)
    ORDER BY n ON CONFLICT (event_id, automation_id, outcome) DO NOTHING
""")
_INSERT_UNMATCHED = text("""
    INSERT INTO unmatched (event_id, decisions)
    SELECT * FROM unnest(CAST(:events AS uuid[]), CAST(CAST(:decisions AS text[]) AS json[]))
    ON CONFLICT (event_id) DO NOTHING
""")

OF_EVENT = """(
    SELECT d.id, d.automation_id, d.version_id, d.outcome, d.reason, d.run_id, d.decided_at
    FROM decision d WHERE d.event_id = e.id
    UNION ALL
    SELECT NULL, v.automation_id, v.id, 'not_matched', told.value::jsonb, NULL, u.decided_at
    FROM unmatched u CROSS JOIN LATERAL json_each(u.decisions) AS told JOIN automation_version v
      ON v.id = told.key::uuid
    WHERE u.event_id = e.id)"""
"""Every decision stored for event `e`, for CROSS JOIN LATERAL."""


@dataclass(frozen=True, slots=True)
class NewDecision:
    """A decision to be stored. `reason` is structured and without personal data beyond the deciding value."""

    event_id: UUID
    automation_id: UUID
    version_id: UUID
    outcome: Outcome
    reason: dict[str, Any]
    run_id: UUID | None = None


async def insert_decisions(session: AsyncSession, decisions: Sequence[NewDecision]) -> None:
    """Store decisions; one that exists stays as it is."""
    if decisions:
        rows = [
            {"n": n, **{name: getattr(one, name) for name in NewDecision.__dataclass_fields__}}
            for n, one in enumerate(decisions)
        ]
        await session.execute(_INSERT, {"rows": dump_json(rows).decode()})


def unmatched_json(reasons: Mapping[str, Mapping[str, Any]]) -> str:  # Any: JSON
    """What is stored of an event: for each version's id (key) the reason why it was not started."""
    return dump_json(reasons).decode()


async def insert_unmatched(session: AsyncSession, unmatched: Mapping[UUID, str]) -> None:
    """Store, for each event (key), why automations that listen to it did not start, as `unmatched_json` has it."""
    if unmatched:
        given = {"events": list(unmatched), "decisions": list(unmatched.values())}
        await session.execute(_INSERT_UNMATCHED, given)
