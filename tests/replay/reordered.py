"""ProcessEvents as somebody might carelessly write it anew: it decides before every order has its contact."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.decide import DecideActivities
    from activities.dispatch import DispatchActivities
    from activities.match_contacts import MatchActivities
    from core.contracts import Batches, Dispatched
    from workflows import options


@workflow.defn(name="ProcessEvents")
class Reordered:
    """The same three steps, two of them the other way round."""

    @workflow.run
    async def run(self, batches: Batches) -> Dispatched:
        """In the wrong order."""
        await workflow.execute_local_activity_method(DecideActivities.decide, batches, **options.DATABASE)
        await workflow.execute_local_activity_method(MatchActivities.match_contacts, batches, **options.DATABASE)
        return await workflow.execute_activity_method(DispatchActivities.dispatch, batches, **options.DISPATCH)
