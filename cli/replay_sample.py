"""Which histories `ordercue replay` looks at: some of each kind and age, so that the oldest sleepers are among them."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import pairwise

from temporalio.client import Client, WorkflowExecution

from core.contracts import AUTOMATION_ATTRIBUTE

_AGES = (1, 7, 30, 90, 365)
"""Days; an open execution belongs to the last that it has reached. Code of that long ago began it."""
_MOST_LISTED = 10_000
"""Executions of one age that a sample looks at; those behind them are older."""


async def chosen(
    client: Client, *, sample: int | None, days: int, now: datetime
) -> AsyncIterator[tuple[WorkflowExecution, str]]:
    """Executions with their kind: open ones of each age, then those closed within `days`.

    At most `sample` of each kind, newest first; None is all.
    """
    for state, query in (*_open(now), ("closed", f'CloseTime >= "{_told(now - timedelta(days=days))}"')):
        seen: Counter[str] = Counter()
        async for execution in client.list_workflows(query, limit=None if sample is None else _MOST_LISTED):
            automation = execution.typed_search_attributes.get(AUTOMATION_ATTRIBUTE, "")
            kind = " · ".join(filter(None, (execution.workflow_type, automation, state)))
            seen[kind] += 1
            if sample is None or seen[kind] <= sample:
                yield execution, kind


def _open(now: datetime) -> list[tuple[str, str]]:
    """The ages of open executions with the query for each; together they are all."""
    edges = [None, *(now - timedelta(days=age) for age in _AGES), None]
    found = []
    for days, (younger, older) in zip((0, *_AGES), pairwise(edges), strict=True):
        query = 'ExecutionStatus = "Running"'
        query += f' AND StartTime < "{_told(younger)}"' if younger else ""
        query += f' AND StartTime >= "{_told(older)}"' if older else ""
        found.append((f"open {days}+ days" if days else "open", query))
    return found


def _told(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
