"""The baseline of mails: the shape of a one-message run that really sends."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from bench.bare import BARE_CALLS, Nothing, read_nothing
    from bench.bare_mail import BareMailActivities
    from workflows import options


@workflow.defn
class BareMail:
    """One local activity, one ordinary activity on another queue that sends a mail."""

    @workflow.run
    async def run(self, nothing: Nothing) -> Nothing:
        """The number, through both."""
        read = await workflow.execute_local_activity(read_nothing, nothing, **options.DATABASE)
        return await workflow.execute_activity_method(
            BareMailActivities.send_bare_mail, read, task_queue=BARE_CALLS, **options.SEND
        )
