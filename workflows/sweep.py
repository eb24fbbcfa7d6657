"""Sweep: run by a Temporal Schedule, starts what intake committed and nobody took up."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.sweep import SweepActivities
    from core.contracts import Swept
    from workflows import options


@workflow.defn
class Sweep:
    """One look for lost batches."""

    @workflow.run
    async def run(self) -> Swept:
        """How many batches were found."""
        return await workflow.execute_activity_method(SweepActivities.sweep, **options.DISPATCH)
