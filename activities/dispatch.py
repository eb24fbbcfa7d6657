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
    ARRIVED_SIGNAL,
    RESUME_SIGNAL,
    STOP_SIGNAL,
    AutomationRef,
    Batches,
    Contract,
    Decided,
    Dispatched,
    Launch,
    Stop,
    automation_run_id,
)
from core.launching import start_run
from core.waiting import Arrived
from store import events, runs
from store.arrivals import arrivals
from store.session import Database

AT_ONCE = 16
"""Starts under way at the same time: enough to hide the round trip, few enough to leave the server its breath."""

_ANYTHING = Decided(started=1, stopped=1, woken=1)
"""Asked by a history of before: look for everything."""

_PAGE = 500
_FIRST = UUID(int=0)

T = TypeVar("T")


@dataclass(frozen=True)
class DispatchActivities:
    """Runs of a batch, in Temporal."""

    database: Database
    library: Library
    client: Client
    release_per_second: int = 50
    """Runs that a resume lets go each second: what waited for days does not go out in a burst."""

    @activity.defn
    async def dispatch(self, batches: Batches) -> Dispatched:
        """Start and signal what the batches decided. Another attempt goes on where this one stopped."""
        async with self.database.transaction() as session:
            todo = batches.decided or _ANYTHING
            launches = await runs.launches(session, batches.batch_ids) if todo.started else []
            signals = await runs.stop_signals(session, batches.batch_ids) if todo.stopped else []
            arrived = await arrivals(session, batches.batch_ids) if todo.woken else []
            flows = await self.library.flows(session, {row.version_id for row in launches})
        await each_of(signals, self._signal)
        await each_of(arrived, self._arrive)
        unmarked = await self._start_all(launches, flows)
        async with self.database.transaction() as session:
            now = datetime.now(UTC)
            await runs.mark_started(session, unmarked, now)
            await events.mark_done(session, batches.batch_ids, now)
        return Dispatched(started=len(launches), signalled=len(signals) + len(arrived))

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
            unmarked = await self._start_all(page, flows, per_second=self.release_per_second)
            await self._mark_started(unmarked)
            started += len(page)
            after = page[-1].id
        after = _FIRST
        while True:
            async with self.database.transaction() as session:
                page = await runs.held_sends(session, automation.automation_id, after=after, limit=_PAGE)
            if not page:
                return Dispatched(started=started, signalled=signalled)
            await each_of(page, self._wake, per_second=self.release_per_second)
            signalled += len(page)
            after = page[-1].id

    async def _start_all(
        self,
        rows: Sequence[Any],  # Any: rows of runs.launches
        flows: Mapping[UUID, Flow],
        *,
        per_second: int | None = None,
    ) -> list[UUID]:
        """Start them, and mark those of each chunk before the next one. Gives back the last ones, yet to be marked."""
        definitions = {version_id: definition_json(flow.definition) for version_id, flow in flows.items()}

        async def start(row: Any) -> None:  # Any: as above
            await self._start(row, definitions[row.version_id])

        unmarked: list[UUID] = []
        for some in _chunks(rows, per_second):
            if unmarked:
                await self._mark_started(unmarked)
            await each_of(some, start, per_second=per_second)
            unmarked = [row.id for row in some]
        return unmarked

    async def _mark_started(self, run_ids: Sequence[UUID]) -> None:
        async with self.database.transaction() as session:
            await runs.mark_started(session, run_ids, datetime.now(UTC))

    async def _wake(self, row: Any) -> None:  # Any: a row of runs.held_sends
        await signal_run(self.client, row.id, RESUME_SIGNAL)

    async def _start(self, row: Any, definition: dict[str, Any]) -> None:  # Any: a row of runs.launches
        launch = Launch(
            run_id=row.id,
            automation=row.automation,
            order=row.event_key if row.has_order else None,
            definition=definition,
            version_id=row.version_id,
            test=row.test,
            store=row.store_id,
            waited=0 if row.test else max((datetime.now(UTC) - row.received_at).total_seconds(), 0),
        )
        await start_run(self.client, launch, event_type=row.event_type)

    async def _signal(self, row: Any) -> None:  # Any: a row of runs.stop_signals
        await signal_stop(self.client, row.id, Stop.model_validate(row.stop))

    async def _arrive(self, row: Any) -> None:  # Any: a row of arrivals
        come = Arrived(step_id=row.awaited_step, event_id=row.event_id, event_type=row.event_type)
        await signal_run(self.client, row.id, ARRIVED_SIGNAL, come)


async def signal_stop(client: Client, run_id: UUID, stop: Stop) -> None:
    """Wake a run so that it ends. One that has ended meanwhile needs no waking."""
    await signal_run(client, run_id, STOP_SIGNAL, stop)


async def signal_run(client: Client, run_id: UUID, name: str, *args: Contract) -> None:
    """Signal a run's workflow. One that has ended, or has not begun, is left alone."""
    try:
        await client.get_workflow_handle(automation_run_id(run_id)).signal(name, args=args)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


async def each_of(rows: Sequence[T], do: Callable[[T], Awaitable[None]], *, per_second: int | None = None) -> None:
    """Do it to every row, some at a time, with a heartbeat after each time; no faster than `per_second`, if given."""
    for some in _chunks(rows, per_second):
        pause = asyncio.sleep(len(some) / per_second if per_second else 0)
        await asyncio.gather(pause, *(do(row) for row in some))
        if not activity.info().is_local:
            activity.heartbeat()


def _chunks(rows: Sequence[T], per_second: int | None = None) -> list[Sequence[T]]:
    size = min(AT_ONCE, per_second or AT_ONCE)
    return [rows[start : start + size] for start in range(0, len(rows), size)]
