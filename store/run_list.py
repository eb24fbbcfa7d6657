"""Runs as operators look at them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from store.runs import missing

Row = dict[str, Any]  # Any: columns

_COLUMNS = """
    SELECT r.id, r.test, r.state, r.step_id, r.due_at, r.stop, r.created_at, r.started_at, r.ended_at, r.automation_id,
           r.order_id, r.contact_id, r.event_id, a.name AS automation, v.number AS version, e.event_type, e.event_key
"""
_FROM = """
    FROM run r JOIN automation a ON a.id = r.automation_id JOIN automation_version v ON v.id = r.version_id
    LEFT JOIN order_event e ON e.id = r.event_id
"""
_ONE = text(_COLUMNS + ", v.definition" + _FROM + " WHERE r.id = :id")  # constants
_MESSAGES = text("""
    SELECT id, step_id, channel, template, state, reason, attempts, content ->> 'subject' AS subject, created_at,
           sent_at, updated_at
    FROM message WHERE run_id = :id ORDER BY created_at, id
""")
_RESULTS = text("SELECT step_id, result FROM step_result WHERE run_id = :id ORDER BY at, step_id")
_NAMES = text("""
    SELECT (SELECT external_order_id FROM "order" WHERE id = r.order_id) AS order_id,
           (SELECT NULLIF(concat_ws(' ', first_name, last_name), '') FROM contact WHERE id = r.contact_id) AS contact
    FROM run r WHERE r.id = :id
""")
_DUE_SOON = text(_COLUMNS + _FROM + " WHERE r.state = 'waiting' AND NOT r.test ORDER BY r.due_at, r.id LIMIT :limit")
_CONDITIONS = {
    "automation": "r.automation_id = (SELECT id FROM automation WHERE name = :automation)",
    "order": "r.event_id IN (SELECT id FROM order_event WHERE event_key = :order)",
    "contact_id": "r.contact_id = :contact_id",
    "step": "r.step_id = :step",
}
_TROUBLED = """r.id IN (SELECT id FROM run WHERE state = 'failed'
    UNION SELECT run_id FROM message WHERE state IN ('failed', 'bounced', 'unknown'))"""

# The newest of them by two indexes, where nothing else is asked for.
_NEWEST_TROUBLED = """
    SELECT id FROM (
        (SELECT r.id FROM run r WHERE r.state = 'failed' AND {run} ORDER BY r.id DESC LIMIT :limit) UNION
        (SELECT run_id FROM message WHERE state IN ('failed', 'bounced', 'unknown') AND {message}
         GROUP BY run_id ORDER BY run_id DESC LIMIT :limit)) AS found
    ORDER BY id DESC LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs; None and an empty tuple do not restrict. `order` is the key of the event that started the run."""

    states: tuple[str, ...] = ()
    automation: str | None = None
    order: str | None = None
    contact_id: UUID | None = None
    step: str | None = None
    """Where they are."""
    troubled: bool = False
    """Only runs that failed, or one of whose messages failed, bounced or has an unknown outcome."""


async def list_runs(
    session: AsyncSession, wanted: RunFilter, *, before: UUID | None = None, limit: int = 50
) -> list[Row]:
    """Newest first; `before` is the last id of the page before."""
    ids, params = ids_of(wanted, before=before)
    query = text(f"{_COLUMNS}{_FROM} WHERE r.id IN ({ids}) ORDER BY r.id DESC LIMIT :limit")
    found = await session.execute(query, params | {"limit": limit})
    return [dict(row) for row in found.mappings()]


async def find_run(session: AsyncSession, run_id: UUID) -> Row:
    """One run with its messages, the results of its steps and its definition. Raises NotFoundError."""
    row = (await session.execute(_ONE, {"id": run_id})).mappings().one_or_none()
    if row is None:
        raise missing(run_id)
    messages = (await session.execute(_MESSAGES, {"id": run_id})).mappings()
    results = await session.execute(_RESULTS, {"id": run_id})
    return {
        **row,
        "messages": [dict(message) for message in messages],
        "steps": {step.step_id: step.result for step in results},
    }


async def names_of(session: AsyncSession, run_id: UUID) -> tuple[str | None, str | None]:
    """What people call the run's order and its contact."""
    row = (await session.execute(_NAMES, {"id": run_id})).one()
    return row.order_id, row.contact


async def due_soon(session: AsyncSession, *, limit: int) -> list[Row]:
    """Runs that wait, those that go on first first."""
    return [dict(row) for row in (await session.execute(_DUE_SOON, {"limit": limit})).mappings()]


def conditions_of(wanted: RunFilter) -> tuple[list[str], dict[str, Any]]:  # Any: parameters
    """What is asked of a run `r`, but for its state."""
    params = {name: value for name in _CONDITIONS if (value := getattr(wanted, name)) is not None}
    return [_CONDITIONS[name] for name in params] + ([_TROUBLED] if wanted.troubled else []), params


def ids_of(wanted: RunFilter, *, before: UUID | None = None) -> tuple[str, dict[str, Any]]:  # Any: parameters
    """A query for the newest `:limit` ids, and its other parameters. Each state is read in the order of its index."""
    conditions, params = conditions_of(wanted)
    if wanted.troubled and not params and not wanted.states:
        if before is None:
            return _NEWEST_TROUBLED.format(run="true", message="true"), {}
        older = {"run": "r.id < :before", "message": "run_id < :before"}
        return _NEWEST_TROUBLED.format(**older), {"before": before}
    if before:
        conditions.append("r.id < :before")
        params["before"] = before
    branches = []
    for number, state in enumerate(wanted.states):
        params[f"state{number}"] = state
        branches.append([f"r.state = :state{number}", *conditions])
    parts = [_newest(branch) for branch in branches or [conditions]]
    ids = " UNION ALL ".join(f"({part})" for part in parts)
    return f"SELECT id FROM ({ids}) AS found ORDER BY id DESC LIMIT :limit", params  # noqa: S608 # constants


def _newest(conditions: list[str]) -> str:
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT r.id FROM run r{where} ORDER BY r.id DESC LIMIT :limit"  # noqa: S608 # constants
