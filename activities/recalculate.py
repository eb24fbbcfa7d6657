"""Cells, segments and daily figures are brought up to date, a bounded piece at a time."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError
from temporalio import activity
from temporalio.client import Client

from activities.heartbeats import heartbeats
from core.contracts import Recalculation
from core.errors import OrdercueError
from core.process import start_processing
from core.segments.references import asks_for_groups
from core.settings import Settings
from store.account import Account
from store.dynamic_segments import dynamic_segments
from store.refresh import count_contacts, mark_calculated, next_contacts, refresh, refresh_touched
from store.reports import keep_figures
from store.score_sql import keep_score_edges
from store.session import Database

PIECE = 25_000
"""Contacts of a full pass that one transaction brings up to date."""
_ROUNDS = 10
"""Of a thousand changes each. What is more, as after a large import, waits for the next batch or sweep."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RecalculationActivities:
    """The full pass."""

    database: Database
    client: Client
    settings: Settings

    @activity.defn
    async def recalculate_some(self, so_far: Recalculation) -> Recalculation:
        """The next contacts. Run twice it finds nothing more to change."""
        async with heartbeats():  # the first piece counts all daily figures, which may take a while
            return await self._recalculate_some(so_far)

    async def _recalculate_some(self, so_far: Recalculation) -> Recalculation:
        account = Account.at(self.settings, datetime.now(UTC))
        if not so_far.contacts:
            so_far = await self._begin(so_far, account)
        async with self.database.transaction() as session:
            piece = await next_contacts(session, so_far.after, PIECE)
            if not piece:
                await mark_calculated(session, so_far.segments)
                return so_far.model_copy(update={"done": True})
            changed = await refresh(session, piece.span, account)
        if changed.batch:
            await start_processing(self.client, [changed.batch])
        return so_far.model_copy(
            update={
                "after": piece.span.last,
                "contacts": so_far.contacts + piece.contacts,
                "moved": so_far.moved + changed.moved,
                "entered": so_far.entered + changed.entered,
                "left": so_far.left + changed.left,
            }
        )

    async def _begin(self, so_far: Recalculation, account: Account) -> Recalculation:
        """What is counted once for all; a transaction of its own, because orders and touched contacts wait for it."""
        async with self.database.transaction() as session:
            await keep_figures(session, self.settings.account_zone)
            found = await dynamic_segments(session)
            if any(asks_for_groups(one.condition) for one in found):
                await keep_score_edges(session, account)
            total = await count_contacts(session)
        seen = tuple((one.id, one.updated_at) for one in found)
        return so_far.model_copy(update={"segments": seen, "total": total})


async def follow_touched(database: Database, client: Client | None, settings: Settings) -> None:
    """Bring up to date whom orders touched. A failure is logged and left to the next sweep: orders go on."""
    for _ in range(_ROUNDS):
        try:
            async with database.transaction() as session:
                changed = await refresh_touched(session, Account.at(settings, datetime.now(UTC)))
        except (DBAPIError, OrdercueError):
            logger.exception("segments of touched contacts could not be brought up to date; the next sweep will")
            return
        if changed.batch and client:
            await start_processing(client, [changed.batch])
        if not changed.more:
            return
