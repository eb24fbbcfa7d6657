"""Every order of a batch gets its contact."""

from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio import activity
from temporalio.client import Client

from activities.recalculate import follow_touched
from core.contracts import Batches
from core.settings import Settings
from store import matching
from store.session import Database


@dataclass(frozen=True)
class MatchActivities:
    """Contacts of orders."""

    database: Database
    settings: Settings
    client: Client | None = None

    @activity.defn
    async def match_contacts(self, batches: Batches) -> int:
        """How many orders were matched by this attempt; those matched before are left alone."""
        async with self.database.transaction() as session:
            matched = await matching.match_contacts(
                session, batches.batch_ids, match_order=self.settings.match_order, now=datetime.now(UTC)
            )
        await follow_touched(self.database, self.client, self.settings)
        return matched
