"""What is past its time is deleted, a bounded piece at a time."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity

from core.settings import Settings
from core.upkeep import Pruned, Pruning
from store.retention import Kind, prune
from store.session import Database

_AT_ONCE = 1000


@dataclass(frozen=True)
class RetentionActivities:
    """A piece of the retention; running it twice deletes nothing more."""

    database: Database
    settings: Settings

    @activity.defn
    async def prune_some(self, wanted: Pruning) -> Pruned:
        """Delete some rows of a kind that are older than the settings keep them."""
        kind = Kind(wanted.kind)
        order, other = self.settings.order_events_kept_days, self.settings.other_events_kept_days
        days = {Kind.ORDER: order, Kind.OTHER: other, Kind.BATCH: min(order, other)}[kind]
        before = wanted.now - timedelta(days=days)
        async with self.database.transaction() as session:
            piece = await prune(session, kind, after=wanted.after, before=before, limit=_AT_ONCE)
        return Pruned(deleted=piece.deleted, after=piece.after)
