"""The process of the bare workers: `python -m bench.bare_worker`, with the environment of `ordercue worker`."""

import asyncio
import signal
from contextlib import AsyncExitStack

from temporalio.client import Client
from temporalio.worker import Worker

from bench.bare import BARE_CALLS, BARE_QUEUE, StartActivities, call_nothing, read_nothing
from bench.bare_mail import BareMailActivities
from bench.bare_mail_workflow import BareMail
from bench.bare_sleep import BareSleep
from bench.bare_workflow import BareBatch, BareRun
from core.settings import Settings, read_settings
from core.temporal import connect
from worker.main import workflow_runner


def build_bare_workers(client: Client, settings: Settings) -> list[Worker]:
    """Two workers in one process with the settings that the product's workers have."""
    return [
        Worker(
            client,
            task_queue=BARE_QUEUE,
            workflows=[BareRun, BareBatch, BareSleep, BareMail],
            activities=[read_nothing, StartActivities(client).start_runs],
            workflow_runner=workflow_runner(settings),
            max_cached_workflows=settings.worker_cached_runs,
            max_concurrent_activities=settings.worker_activities,
            max_concurrent_local_activities=settings.worker_activities,
        ),
        Worker(
            client,
            task_queue=BARE_CALLS,
            activities=[call_nothing, BareMailActivities(settings).send_bare_mail],
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
