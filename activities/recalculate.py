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
from core.settings import Settings
from store.refresh import dynamic_segments, mark_calculated, next_contacts, refresh, refresh_touched
from store.reports import keep_figures
from store.segment_sql import Account
from store.session import Database

_PIECE = 5000

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
        async with self.database.transaction() as session:
            if not so_far.contacts:
                await keep_figures(session, self.settings.account_zone)
                found = await dynamic_segments(session)
                so_far = so_far.model_copy(update={"segments": tuple((one.id, one.updated_at) for one, _ in found)})
            contacts = await next_contacts(session, so_far.after, _PIECE)
            if not contacts:
                await mark_calculated(session, so_far.segments)
                return so_far.model_copy(update={"done": True})
            changed = await refresh(session, contacts, Account.at(self.settings, datetime.now(UTC)))
        if changed.batch:
            await start_processing(self.client, [changed.batch])
        return so_far.model_copy(
            update={
                "after": contacts[-1],
                "contacts": so_far.contacts + len(contacts),
                "moved": so_far.moved + changed.moved,
                "entered": so_far.entered + changed.entered,
                "left": so_far.left + changed.left,
            }
        )


async def follow_touched(database: Database, client: Client | None, settings: Settings) -> None:
    """Bring up to date whom orders touched. A failure is logged and left to the nightly pass: orders go on."""
    try:
        async with database.transaction() as session:
            changed = await refresh_touched(session, Account.at(settings, datetime.now(UTC)))
    except (DBAPIError, OrdercueError):
        logger.exception("segments of touched contacts could not be brought up to date; the nightly pass will")
        return
    if changed.batch and client:
        await start_processing(client, [changed.batch])
