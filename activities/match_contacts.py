"""Every order of a batch gets its contact."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError
from temporalio import activity
from temporalio.client import Client

from activities.recalculate import follow_touched
from core.contracts import Batches
from core.errors import OrdercueError
from core.process import start_processing
from core.settings import Settings
from store import matching
from store.account import Account
from store.refresh import Refreshed, refresh_touched
from store.session import Database

_AT_ONCE = 100
"""Changes that are followed in the transaction that matches, whose locks others may wait for. More come after it."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MatchActivities:
    """Contacts of orders."""

    database: Database
    settings: Settings
    client: Client | None = None

    @activity.defn
    async def match_contacts(self, batches: Batches) -> int:
        """How many orders were matched by this attempt; those matched before are left alone.

        Cells and segments of the contacts follow before anything is decided, and if they cannot, orders go on.
        """
        try:
            matched, changed = await self._match(batches, follow=True)
        except (DBAPIError, OrdercueError):
            logger.exception("a batch is matched anew and alone: segments of its contacts wait for the next sweep")
            return (await self._match(batches, follow=False))[0]
        if changed.batch and self.client:
            await start_processing(self.client, [changed.batch])
        if changed.more:
            await follow_touched(self.database, self.client, self.settings)
        return matched

    async def _match(self, batches: Batches, *, follow: bool) -> tuple[int, Refreshed]:
        now = datetime.now(UTC)
        async with self.database.transaction() as session:
            matched = await matching.match_contacts(
                session, batches.batch_ids, match_order=self.settings.match_order, now=now
            )
            if not follow:
                return matched, Refreshed()
            account = Account.at(self.settings, now)
            return matched, await refresh_touched(session, account, limit=_AT_ONCE, wait=False)
