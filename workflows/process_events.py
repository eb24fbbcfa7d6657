"""ProcessEvents: what a batch of events means, and its consequences."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.decide import DecideActivities
    from activities.dispatch import DispatchActivities
    from activities.match_contacts import MatchActivities
    from core.contracts import Batches, Dispatched
    from workflows import options


@workflow.defn
class ProcessEvents:
    """Every order gets its contact, every event its decisions, every decision its run or signal."""

    @workflow.run
    async def run(self, batches: Batches) -> Dispatched:
        """Each step can run twice: what it did before, it finds."""
        count = len(batches.batch_ids)
        workflow.set_current_details(f"{count} batch{'es' if count > 1 else ''}: matching contacts and deciding")
        await workflow.execute_local_activity_method(
            MatchActivities.match_contacts, batches, summary="every order gets its contact", **options.DATABASE
        )
        decided = await workflow.execute_local_activity_method(
            DecideActivities.decide, batches, summary="events × automations", **options.DATABASE
        )
        if not decided.dispatch:
            return Dispatched()
        todo = f"{decided.started} to start, {decided.stopped} to stop, {decided.woken} to wake"
        given = batches.model_copy(update={"decided": decided})
        if decided.at_once:
            done = await workflow.execute_local_activity_method(
                DispatchActivities.dispatch, given, summary=todo, **options.FEW_CALLS
            )
        else:
            done = await workflow.execute_activity_method(
                DispatchActivities.dispatch, given, summary=todo, **options.DISPATCH
            )
        workflow.set_current_details(f"{done.started} started, {done.signalled} signalled")
        return done
