"""Workflows of new runs are started, runs that were stopped are signalled."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.library import Library
from automation.definition import definition_json
from automation.interpreter import Flow
from core.contracts import (
    RESUME_SIGNAL,
    STOP_SIGNAL,
    AutomationRef,
    Batches,
    Dispatched,
    Launch,
    Stop,
    automation_run_id,
)
from core.launching import start_run
from store import events, runs
from store.session import Database

_AT_ONCE = 16
"""Starts under way at the same time: enough to hide the round trip, few enough to leave the server its breath."""

_PAGE = 500
_FIRST = UUID(int=0)

T = TypeVar("T")


@dataclass(frozen=True)
class DispatchActivities:
    """Runs of a batch, in Temporal."""

    database: Database
    library: Library
    client: Client

    @activity.defn
    async def dispatch(self, batches: Batches) -> Dispatched:
        """Start and signal what the batches decided. Another attempt goes on where this one stopped."""
        async with self.database.transaction() as session:
            launches = await runs.launches(session, batches.batch_ids)
            signals = await runs.stop_signals(session, batches.batch_ids)
            flows = await self.library.flows(session, {row.version_id for row in launches})
        await self._start_all(launches, flows)
        for some in _chunks(signals):
            await _all(self._signal, some)
        async with self.database.transaction() as session:
            await events.mark_done(session, batches.batch_ids, datetime.now(UTC))
        return Dispatched(started=len(launches), signalled=len(signals))

    @activity.defn
    async def release(self, automation: AutomationRef) -> Dispatched:
        """After a pause: start the launches that were held, wake the runs whose send was held."""
        started = signalled = 0
        after = _FIRST
        while True:
            async with self.database.transaction() as session:
                page = await runs.held_launches(session, automation.automation_id, after=after, limit=_PAGE)
                flows = await self.library.flows(session, {row.version_id for row in page})
            if not page:
                break
            started += await self._start_all(page, flows)
            after = page[-1].id
        after = _FIRST
        while True:
            async with self.database.transaction() as session:
                page = await runs.held_sends(session, automation.automation_id, after=after, limit=_PAGE)
            if not page:
                return Dispatched(started=started, signalled=signalled)
            for some in _chunks(page):
                await _all(self._wake, some)
            signalled += len(page)
            after = page[-1].id

    async def _start_all(self, rows: Sequence[Any], flows: Mapping[UUID, Flow]) -> int:  # Any: rows of runs.launches
        definitions = {version_id: definition_json(flow.definition) for version_id, flow in flows.items()}

        async def start(row: Any) -> None:  # Any: as above
            await self._start(row, definitions[row.version_id])

        for some in _chunks(rows):
            await _all(start, some)
            async with self.database.transaction() as session:
                await runs.mark_started(session, [row.id for row in some], datetime.now(UTC))
        return len(rows)

    async def _wake(self, row: Any) -> None:  # Any: a row of runs.held_sends
        await _signal(self.client, row.id, RESUME_SIGNAL)

    async def _start(self, row: Any, definition: dict[str, Any]) -> None:  # Any: a row of runs.launches
        launch = Launch(
            run_id=row.id,
            automation=row.automation,
            order=row.event_key if row.has_order else None,
            definition=definition,
            test=row.test,
        )
        await start_run(self.client, launch, event_type=row.event_type)

    async def _signal(self, row: Any) -> None:  # Any: a row of runs.stop_signals
        await signal_stop(self.client, row.id, Stop.model_validate(row.stop))


async def signal_stop(client: Client, run_id: UUID, stop: Stop) -> None:
    """Wake a run so that it ends. One that has ended meanwhile needs no waking."""
    await _signal(client, run_id, STOP_SIGNAL, stop)


async def _signal(client: Client, run_id: UUID, name: str, *args: Stop) -> None:
    try:
        await client.get_workflow_handle(automation_run_id(run_id)).signal(name, args=args)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


def _chunks(rows: Sequence[T]) -> list[Sequence[T]]:
    return [rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE)]


async def _all(do: Callable[[T], Awaitable[None]], rows: Sequence[T]) -> None:
    await asyncio.gather(*(do(row) for row in rows))
    activity.heartbeat()
