"""The baseline: a workflow with the shape of a one-message run that does nothing. Run as `python -m bench.bare`."""

import asyncio
import signal
from contextlib import AsyncExitStack
from dataclasses import dataclass

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel

    from core.settings import Settings, read_settings
    from core.temporal import connect
    from workflows import options

BARE_QUEUE = "bare"
BARE_CALLS = "bare-calls"
_AT_ONCE = 16  # as the product's dispatch does


class Nothing(BaseModel):
    """One model in, one model out, as every call of the product has."""

    number: int = 0


class Series(BaseModel):
    """Which runs to start."""

    prefix: str
    count: int


@activity.defn
async def read_nothing(nothing: Nothing) -> Nothing:
    """Stands where get_order reads."""
    return nothing


@activity.defn
async def call_nothing(nothing: Nothing) -> Nothing:
    """Stands where send_message calls a provider; on a queue of its own."""
    return nothing


@workflow.defn
class BareRun:
    """One local activity, one ordinary activity on another queue."""

    @workflow.run
    async def run(self, nothing: Nothing) -> Nothing:
        """The number, through both."""
        read = await workflow.execute_local_activity(read_nothing, nothing, **options.DATABASE)
        return await workflow.execute_activity(call_nothing, read, task_queue=BARE_CALLS, **options.SEND)


@workflow.defn
class BareBatch:
    """Starts runs from the worker's process, as ProcessEvents does."""

    @workflow.run
    async def run(self, series: Series) -> None:
        """Returns when all are started."""
        await workflow.execute_activity_method(StartActivities.start_runs, series, **options.DISPATCH)


@dataclass(frozen=True)
class StartActivities:
    """Starts of bare runs."""

    client: Client

    @activity.defn
    async def start_runs(self, series: Series) -> None:
        """Some at a time."""
        for first in range(0, series.count, _AT_ONCE):
            numbers = range(first, min(first + _AT_ONCE, series.count))
            await asyncio.gather(*(self._start(series.prefix, number) for number in numbers))
            activity.heartbeat()

    async def _start(self, prefix: str, number: int) -> None:
        await self.client.start_workflow(
            BareRun.run, Nothing(number=number), id=f"{prefix}/{number}", task_queue=BARE_QUEUE
        )


def build_bare_workers(client: Client, settings: Settings) -> list[Worker]:
    """Two workers in one process with the settings that the product's workers have."""
    return [
        Worker(
            client,
            task_queue=BARE_QUEUE,
            workflows=[BareRun, BareBatch],
            activities=[read_nothing, StartActivities(client).start_runs],
            max_cached_workflows=settings.worker_cached_runs,
            max_concurrent_activities=settings.worker_activities,
            max_concurrent_local_activities=settings.worker_activities,
        ),
        Worker(
            client,
            task_queue=BARE_CALLS,
            activities=[call_nothing],
            max_concurrent_activities=settings.worker_activities,
        ),
    ]


async def _work(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    client = await connect(settings)
    async with AsyncExitStack() as stack:
        for worker in build_bare_workers(client, settings):
            await stack.enter_async_context(worker)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(_work(read_settings()))
