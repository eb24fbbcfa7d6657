"""DeleteOrders: one deletion that an integration asked for, a bounded piece at a time."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.delete_orders import DeletionActivities
    from core.upkeep import OrderDeletion
    from workflows import options


@workflow.defn
class DeleteOrders:
    """Goes on after any interruption: each piece deletes what it still finds."""

    @workflow.run
    async def run(self, wanted: OrderDeletion) -> int:
        """How many orders were deleted."""
        deleted = wanted.deleted
        while True:
            piece = await workflow.execute_activity_method(
                DeletionActivities.delete_some_orders, wanted, summary="some orders", **options.DISPATCH
            )
            deleted += piece.deleted
            workflow.set_current_details(f"{deleted} orders deleted")
            if not piece.more:
                return deleted
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(wanted.model_copy(update={"deleted": deleted}))
