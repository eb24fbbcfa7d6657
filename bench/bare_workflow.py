"""The baseline: a workflow with the shape of a one-message run that does nothing.

A file of its own, because the sandbox loads a workflow's file anew for every run: nothing else may make that slower.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from bench.bare import BARE_CALLS, Nothing, Series, StartActivities, call_nothing, read_nothing
    from workflows import options


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
