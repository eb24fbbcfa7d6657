"""Decisions: what each event meant for each automation."""

from collections.abc import Sequence
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
