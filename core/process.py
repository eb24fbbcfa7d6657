"""What was committed is told to Temporal: batches to be processed, runs to be ended."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from temporalio.client import Client, ScheduleOverlapPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from core.contracts import (
    PROCESS_WORKFLOW,
    QUEUE,
    STOP_SIGNAL,
    SWEEP_SCHEDULE_ID,
    Batches,
    Stop,
    automation_run_id,
    process_events_id,
)

_PATIENCE = timedelta(seconds=5)
_AT_ONCE = 16


async def start_processing(client: Client, batch_ids: Sequence[UUID]) -> bool:
    """One ProcessEvents for these batches. Best effort: False when Temporal is away, and the sweeper takes them up."""
    if not batch_ids:
        return True
    try:
        await client.start_workflow(
            PROCESS_WORKFLOW,
            Batches(batch_ids=tuple(batch_ids)),
            id=process_events_id(batch_ids[0]),
            task_queue=QUEUE,
            rpc_timeout=_PATIENCE,
        )
    except WorkflowAlreadyStartedError:
        return True
    except (RPCError, RuntimeError):  # the SDK raises a bare RuntimeError when it cannot connect
        return False
    return True


async def sweep_soon(client: Client) -> bool:
    """A sweep at once, after the one that may be under way. Best effort: it comes by itself too."""
    try:
        sweep = client.get_schedule_handle(SWEEP_SCHEDULE_ID)
        await sweep.trigger(overlap=ScheduleOverlapPolicy.BUFFER_ONE, rpc_timeout=_PATIENCE)
    except (RPCError, RuntimeError):
        return False
    return True


async def signal_stops(client: Client, stops: Sequence[tuple[UUID, Stop]]) -> bool:
    """Wake runs so that they end at once. Best effort: their stop is stored, so that none of them sends any more."""
    try:
        for start in range(0, len(stops), _AT_ONCE):
            await asyncio.gather(*(_signal(client, *one) for one in stops[start : start + _AT_ONCE]))
    except (RPCError, RuntimeError):
        return False
    return True


async def _signal(client: Client, run_id: UUID, stop: Stop) -> None:
    try:
        await client.get_workflow_handle(automation_run_id(run_id)).signal(STOP_SIGNAL, stop, rpc_timeout=_PATIENCE)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:  # it has ended meanwhile
            raise
