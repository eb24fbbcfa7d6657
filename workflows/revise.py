"""MigrateRuns and EndRuns: what an edit means for runs that are under way."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.revise import ReviseActivities
    from core.contracts import AutomationRef, Dispatched, VersionRef
    from workflows import options


@workflow.defn
class MigrateRuns:
    """Runs of older versions hear of the newer one."""

    @workflow.run
    async def run(self, version: VersionRef) -> Dispatched:
        """How many were told."""
        return await workflow.execute_activity_method(ReviseActivities.migrate_runs, version, **options.DISPATCH)


@workflow.defn
class EndRuns:
    """Runs of an archived automation end."""

    @workflow.run
    async def run(self, automation: AutomationRef) -> Dispatched:
        """How many were told."""
        return await workflow.execute_activity_method(ReviseActivities.end_runs, automation, **options.DISPATCH)
