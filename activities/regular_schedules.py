"""The Temporal Schedules of regular automations are kept as the database wants them."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.library import Library
from automation import schedule as language
from automation.regular import zone_of
from automation.schedule import WEEKDAYS, read_clock
from core.contracts import QUEUE
from core.regular import LAUNCH_MEMBERS_WORKFLOW, Look, regular_schedule_id
from core.settings import Settings
from store.regular_schedule import Unkept, note_kept, unkept_schedules
from store.session import Database
from store.tables.automation import AutomationState

_MOST = 200
"""Schedules that one sweep looks after; the next one takes the rest."""
_LOOK_AFTER = timedelta(hours=1)
"""Each is told anew after so long, so that one that somebody changed or deleted in Temporal comes back."""
_CATCH_UP = timedelta(days=1)
"""A look that an outage of Temporal kept back is made up for within this time, later ones are left to the next."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RegularSchedules:
    """The sweep alone writes them, so that two who publish at once cannot leave the older schedule behind."""

    database: Database
    library: Library
    client: Client
    settings: Settings

    async def keep(self) -> int:
        """Create, change, pause and delete what differs. Gives how many were looked after."""
        async with self.database.transaction() as session:
            unkept = await unkept_schedules(session, before=datetime.now(UTC) - _LOOK_AFTER, limit=_MOST)
            flows = await self.library.flows(session, {one.version_id for one in unkept if one.version_id})
        kept = 0
        for one in unkept:
            start = flows[one.version_id].definition.start if one.version_id else None
            try:
                await (self._put(one, start.schedule) if start and start.schedule else self._delete(one))
            except RPCError:
                logger.exception("the schedule of automation %s could not be kept; the next sweep tries", one.name)
                continue
            async with self.database.transaction() as session:
                await note_kept(session, one)
            kept += 1
            activity.heartbeat()
        return kept

    async def _put(self, one: Unkept, when: language.Schedule) -> None:
        schedule = Schedule(
            action=ScheduleActionStartWorkflow(
                LAUNCH_MEMBERS_WORKFLOW,
                Look(automation_id=one.automation_id),
                id=regular_schedule_id(one.automation_id),
                task_queue=QUEUE,
                static_summary=one.name,
            ),
            spec=schedule_spec(when, self.settings.account_zone),
            policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=_CATCH_UP),
            state=ScheduleState(note=one.name, paused=one.state == AutomationState.PAUSED),
        )

        def anew(_: ScheduleUpdateInput) -> ScheduleUpdate:
            return ScheduleUpdate(schedule)

        schedule_id = regular_schedule_id(one.automation_id)
        try:
            await self.client.create_schedule(schedule_id, schedule)
        except ScheduleAlreadyRunningError:
            await self.client.get_schedule_handle(schedule_id).update(anew)

    async def _delete(self, one: Unkept) -> None:
        try:
            await self.client.get_schedule_handle(regular_schedule_id(one.automation_id)).delete()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise


def schedule_spec(when: language.Schedule, account_zone: str) -> ScheduleSpec:
    """The same in Temporal's words; its weeks begin with Sunday, which is 0."""
    clock = read_clock(when.at)
    days = [ScheduleRange((WEEKDAYS.index(day) + 1) % 7) for day in when.on]
    calendar = ScheduleCalendarSpec(
        second=[ScheduleRange(clock.second)],
        minute=[ScheduleRange(clock.minute)],
        hour=[ScheduleRange(clock.hour)],
        day_of_month=[ScheduleRange(when.day)] if when.day else [ScheduleRange(1, 31)],
        day_of_week=days or [ScheduleRange(0, 6)],
    )
    return ScheduleSpec(calendars=[calendar], time_zone_name=zone_of(when, account_zone))
