from datetime import timedelta

from temporalio import workflow


@workflow.defn
class SleepFortnight:
    @workflow.run
    async def run(self) -> str:
        await workflow.sleep(timedelta(days=14))
        return workflow.info().namespace


@workflow.defn
class TellNamespace:
    @workflow.run
    async def run(self) -> str:
        return workflow.info().namespace
