"""LaunchMembers: run by the Temporal Schedule of a regular automation, tells it of each member of its segment."""

from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.regular import RegularActivities
    from core.regular import SCHEDULED_AT, Look
    from workflows import options


@workflow.defn
class LaunchMembers:
    """One look, piece after piece, no faster than runs may start. After a kill it goes on where it was."""

    @workflow.run
    async def run(self, look: Look) -> Look:
        """How many members were told."""
        if look.due_at is None:
            look = look.model_copy(update={"due_at": _scheduled_at()})
        while True:
            look = await workflow.execute_local_activity_method(
                RegularActivities.launch_some,
                look,
                summary=f"after {look.launched} launched, {look.known} known",
                **options.DATABASE,
            )
            workflow.set_current_details(f"{look.launched} launched, {look.known} known")
            if look.done:
                return look
            if look.pause_seconds:
                await workflow.sleep(timedelta(seconds=look.pause_seconds), summary="to keep to the rate of runs")
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(look)


def _scheduled_at() -> datetime:
    """The moment that the schedule meant, however late the workflow began."""
    return workflow.info().typed_search_attributes.get(SCHEDULED_AT) or workflow.info().workflow_start_time
