"""ResendMessage: an operator decided that a message with an unknown outcome goes out again."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.send_message import SendActivities
    from core.contracts import At, channel_queue
    from core.resending import Resend
    from workflows import options


@workflow.defn
class ResendMessage:
    """The ledger and the last look are asked as for every message."""

    @workflow.run
    async def run(self, wanted: Resend) -> str:
        """The state that the message came to."""
        sent = await workflow.execute_activity_method(
            SendActivities.send_message,
            At(run_id=wanted.run_id, step_id=wanted.step_id, now=workflow.now(), resend=True),
            task_queue=channel_queue(wanted.channel),
            summary=f"{wanted.step_id}: again by {wanted.channel}",
            **options.SEND,
        )
        return sent.state
