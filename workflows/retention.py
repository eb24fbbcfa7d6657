"""Retention: run by a Temporal Schedule, deletes events that are past their time."""

from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.retention import RetentionActivities
    from core.upkeep import Pruned, Pruning
    from workflows import options

_KINDS = ("other", "order", "batch")
_FIRST = UUID(int=0)
_MOST_PIECES = 2000
"""Pieces of one execution; the next one goes on."""


@workflow.defn
class Retention:
    """One walk over what is old enough."""

    @workflow.run
    async def run(self) -> Pruned:
        """How many rows were deleted."""
        deleted = pieces = 0
        for kind in _KINDS:
            after: UUID | None = _FIRST
            while after is not None and pieces < _MOST_PIECES:
                pruned = await workflow.execute_activity_method(
                    RetentionActivities.prune_some,
                    Pruning(kind=kind, after=after, now=workflow.now()),
                    summary=f"old rows: {kind}",
                    **options.DISPATCH,
                )
                pieces += 1
                deleted, after = deleted + pruned.deleted, pruned.after
            workflow.set_current_details(f"{deleted} rows deleted")
        return Pruned(deleted=deleted)
