"""The Temporal Schedules that an installation has."""

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from core.contracts import (
    QUEUE,
    RECALCULATE_WORKFLOW,
    RECALCULATION_ID,
    RETENTION_SCHEDULE_ID,
    RETENTION_WORKFLOW,
    SWEEP_SCHEDULE_ID,
    SWEEP_WORKFLOW,
    Recalculation,
)
from core.settings import Settings


async def ensure_sweep_schedule(client: Client, settings: Settings) -> None:
    """Create the sweep's schedule, or give it the interval of today's settings."""
    action = ScheduleActionStartWorkflow(SWEEP_WORKFLOW, id=SWEEP_SCHEDULE_ID, task_queue=QUEUE)
    await _ensure(client, SWEEP_SCHEDULE_ID, action, _every(timedelta(seconds=settings.sweep_seconds)))


async def ensure_retention_schedule(client: Client) -> None:
    """Create the schedule of the retention: once a day, in the quiet of the night (UTC)."""
    action = ScheduleActionStartWorkflow(RETENTION_WORKFLOW, id=RETENTION_SCHEDULE_ID, task_queue=QUEUE)
    await _ensure(client, RETENTION_SCHEDULE_ID, action, _every(timedelta(days=1), timedelta(hours=2)))


async def ensure_recalculation_schedule(client: Client, settings: Settings) -> None:
    """Create the schedule of the nightly pass, at an hour on the account's clock, or give it today's settings."""
    action = ScheduleActionStartWorkflow(
        RECALCULATE_WORKFLOW, Recalculation(), id=f"{RECALCULATION_ID}/nightly", task_queue=QUEUE
    )
    hour = ScheduleCalendarSpec(hour=[ScheduleRange(settings.recalculate_hour)])
    await _ensure(
        client, RECALCULATION_ID, action, ScheduleSpec(calendars=[hour], time_zone_name=settings.account_zone)
    )


def _every(every: timedelta, offset: timedelta | None = None) -> ScheduleSpec:
    return ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every, offset=offset)])


async def _ensure(
    client: Client,
    schedule_id: str,
    action: ScheduleActionStartWorkflow,
    spec: ScheduleSpec,
) -> None:
    schedule = Schedule(
        action=action,
        spec=spec,
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(seconds=60)),
    )

    def anew(_: ScheduleUpdateInput) -> ScheduleUpdate:
        return ScheduleUpdate(schedule)

    try:
        await client.create_schedule(schedule_id, schedule)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(schedule_id).update(anew)
