"""SendTest: a template goes to an address at which somebody wants to look at it."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.send_test import SendTestActivities
    from core.contracts import channel_queue
    from core.test_sending import TestSend
    from workflows import options


@workflow.defn
class SendTest:
    """By the channel's own queue, so that its rate counts for tests too."""

    @workflow.run
    async def run(self, wanted: TestSend) -> str:
        """The state that the message came to."""
        return await workflow.execute_activity_method(
            SendTestActivities.send_test,
            wanted,
            task_queue=channel_queue(wanted.channel),
            summary=f"TEST by {wanted.channel}",
            **options.SEND,
        )
