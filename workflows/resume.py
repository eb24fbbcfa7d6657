"""ResumeAutomation: what a pause held goes on, paced."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.dispatch import DispatchActivities
    from core.contracts import AutomationRef, Dispatched
    from workflows import options


@workflow.defn
class ResumeAutomation:
    """One release of an automation's held launches and sends."""

    @workflow.run
    async def run(self, automation: AutomationRef) -> Dispatched:
        """How many runs were started and woken."""
        return await workflow.execute_activity_method(DispatchActivities.release, automation, **options.DISPATCH)
