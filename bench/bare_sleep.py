"""The baseline of sleeping runs: a workflow that is nothing but a timer. A file of its own, as bare_workflow is."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from bench.bare import Nap


@workflow.defn
class BareSleep:
    """One durable timer."""

    @workflow.run
    async def run(self, nap: Nap) -> None:
        """Until the moment."""
        await workflow.sleep(max(nap.until - workflow.now(), timedelta()))
