"""What stayed undone: the four questions whose answer is nothing while Ordercue works."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_EXAMPLES = 5

_EVENTS = """
    SELECT e.id, e.event_type || ' ' || e.event_key AS name, e.received_at AS since FROM order_event e
    JOIN event_batch b ON b.id = e.batch_id
    WHERE e.id >= (SELECT uuidv7(-CAST(:window AS interval))) AND e.received_at < :before AND e.effect = 'acts'
    AND (b.decided_at IS NULL OR EXISTS (
        SELECT FROM jsonb_array_elements_text(b.versions) AS live(id)
        JOIN automation_version v ON v.id = CAST(live.id AS uuid)
        WHERE v.definition -> 'start' -> 'event' @> to_jsonb(e.event_type) AND NOT EXISTS (
            SELECT FROM decision d WHERE d.event_id = e.id AND d.automation_id = v.automation_id) AND NOT EXISTS (
            SELECT FROM unmatched u WHERE u.event_id = e.id AND jsonb_exists(u.decisions::jsonb, v.id::text))))
"""
_BATCHES = """
    SELECT id, source AS name, received_at AS since FROM event_batch
    WHERE (state = 'pending' AND received_at < :before) OR (state = 'processing' AND decided_at < :long_before)
"""
_RUNS = """
    SELECT id, dedupe_key AS name, created_at AS since FROM run WHERE state = 'pending' AND created_at < :before
"""
_MESSAGES = """
    SELECT id, channel || ' ' || step_id AS name, updated_at AS since FROM message
    WHERE state = 'sending' AND updated_at < :long_before
"""
_QUESTIONS = (
    (
        "events_without_decision",
        "Events that no decision was stored for",
        _EVENTS,
        "The event is stored and no worker has decided what follows from it; until then nothing starts or stops.",
        "See that a worker runs (ordercue worker) and what Temporal's Web UI says of ProcessEvents.",
    ),
    (
        "batches_without_execution",
        "Batches that nobody processes",
        _BATCHES,
        "The requests were answered with 200 and Temporal was not told: it was away, and no sweep has come since.",
        "See that Temporal and a worker run and that the sweep schedule exists: ordercue migrate makes it.",
    ),
    (
        "runs_without_workflow",
        "Runs whose workflow was not started",
        _RUNS,
        "The decision to start the run is stored, and the step that starts its workflow in Temporal did not end.",
        "See in Temporal's Web UI why ProcessEvents of their batch cannot go on; it starts them when it can.",
    ),
    (
        "messages_sending",
        "Messages whose attempt does not end",
        _MESSAGES,
        "The message was handed to its provider and the answer was not recorded: a worker died, or the provider hangs.",
        "See that a worker runs: its next attempt settles them, as unknown if nobody can tell, and sends none twice.",
    ),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question. `why` and `next_step` help when `count` is not 0; `examples` are the oldest few."""

    code: str
    title: str
    count: int
    why: str
    next_step: str
    examples: Sequence[dict[str, Any]]  # id, name, since


async def examine(
    session: AsyncSession, *, now: datetime, patience: timedelta, long_patience: timedelta, window: timedelta
) -> list[Finding]:
    """Ask every question.

    What is younger than `patience` may still be under way: the sweeper needs its time. Messages and batches being
    processed get `long_patience`. Events are looked at as far back as `window`.
    """
    given = {"before": now - patience, "long_before": now - long_patience, "window": window}
    return [await _ask(session, question, given) for question in _QUESTIONS]


async def _ask(session: AsyncSession, question: tuple[str, str, str, str, str], given: dict[str, Any]) -> Finding:
    code, title, query, why, next_step = question
    used = {name: value for name, value in given.items() if f":{name}" in query}
    oldest = f"SELECT *, count(*) OVER () AS total FROM ({query}) AS found ORDER BY since LIMIT {_EXAMPLES}"  # noqa: S608 # constants
    rows = (await session.execute(text(oldest), used)).mappings().all()
    examples = [{"id": row["id"], "name": row["name"], "since": row["since"]} for row in rows]
    return Finding(code, title, rows[0]["total"] if rows else 0, why, next_step, examples)
