"""Recalculate: every contact's cell and segments, nightly or on demand."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.recalculate import RecalculationActivities
    from core.contracts import Recalculation
    from workflows import options


@workflow.defn
class Recalculate:
    """Goes on after any interruption where it was; two at once come to the same result."""

    def __init__(self) -> None:
        self._so_far = Recalculation()

    @workflow.query
    def progress(self) -> Recalculation:
        """What was done so far."""
        return self._so_far

    @workflow.run
    async def run(self, so_far: Recalculation) -> Recalculation:
        """What changed."""
        self._so_far = so_far
        while not self._so_far.done:
            self._so_far = await workflow.execute_activity_method(
                RecalculationActivities.recalculate_some,
                self._so_far,
                summary=f"after {self._so_far.contacts} contacts",
                **options.DISPATCH,
            )
            workflow.set_current_details(
                f"{self._so_far.contacts} of {self._so_far.total} contacts, {self._so_far.moved} moved"
            )
            if workflow.info().is_continue_as_new_suggested() and not self._so_far.done:
                workflow.continue_as_new(self._so_far)
        return self._so_far
