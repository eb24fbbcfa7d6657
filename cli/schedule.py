"""The Temporal Schedules that an installation has."""

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from core.contracts import QUEUE, RETENTION_SCHEDULE_ID, RETENTION_WORKFLOW, SWEEP_SCHEDULE_ID, SWEEP_WORKFLOW
from core.settings import Settings


async def ensure_sweep_schedule(client: Client, settings: Settings) -> None:
    """Create the sweep's schedule, or give it the interval of today's settings."""
    action = ScheduleActionStartWorkflow(SWEEP_WORKFLOW, id=SWEEP_SCHEDULE_ID, task_queue=QUEUE)
    await _ensure(client, SWEEP_SCHEDULE_ID, action, every=timedelta(seconds=settings.sweep_seconds))


async def ensure_retention_schedule(client: Client) -> None:
    """Create the schedule of the retention: once a day, in the quiet of the night (UTC)."""
    action = ScheduleActionStartWorkflow(RETENTION_WORKFLOW, id=RETENTION_SCHEDULE_ID, task_queue=QUEUE)
    await _ensure(client, RETENTION_SCHEDULE_ID, action, every=timedelta(days=1), offset=timedelta(hours=2))


async def _ensure(
    client: Client,
    schedule_id: str,
    action: ScheduleActionStartWorkflow,
    *,
    every: timedelta,
    offset: timedelta | None = None,
) -> None:
    schedule = Schedule(
        action=action,
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every, offset=offset)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(seconds=60)),
    )

    def anew(_: ScheduleUpdateInput) -> ScheduleUpdate:
        return ScheduleUpdate(schedule)

    try:
        await client.create_schedule(schedule_id, schedule)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(schedule_id).update(anew)
