"""Deciding without Temporal: orders are posted over HTTP, batches are decided in the order that a test wants."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import event, text
from temporalio.testing import ActivityEnvironment

from activities.decide import DecideActivities
from activities.library import Library
from activities.match_contacts import MatchActivities
from core.contracts import Batches
from store.session import Database
from tests.product import Product


@dataclass(frozen=True)
class Decider:
    """What ProcessEvents does before it reaches Temporal."""

    product: Product
    database: Database

    async def match(self, *batch_ids: str) -> Batches:
        batches = Batches(batch_ids=tuple(map(UUID, batch_ids)))
        await ActivityEnvironment().run(MatchActivities(self.database, self.product.settings).match_contacts, batches)
        return batches

    async def decide(self, *batch_ids: str) -> None:
        """These batches together."""
        batches = await self.match(*batch_ids)
        await ActivityEnvironment().run(DecideActivities(self.database, Library()).decide, batches)

    async def decide_at_once(self, *batch_ids: str) -> None:
        """Each batch by itself, all at the same time."""
        for batch_id in batch_ids:
            await self.match(batch_id)
        async with asyncio.TaskGroup() as group:
            for batch_id in batch_ids:
                group.create_task(self.decide(batch_id))

    async def states(self) -> Counter[str]:
        """How many runs are in which state."""
        rows = await self.rows("SELECT state, stop IS NOT NULL AS stop FROM run")
        return Counter("stopped" if row["stop"] else row["state"] for row in rows)

    async def rows(self, sql: str) -> list[dict[str, Any]]:
        async with self.database.transaction() as session:
            return [dict(row) for row in (await session.execute(text(sql))).mappings()]

    async def statements(self, *batch_ids: str) -> list[str]:
        """What deciding these batches asks PostgreSQL."""
        batches = await self.match(*batch_ids)
        asked: list[str] = []

        def note(*arguments: Any) -> None:
            asked.append(arguments[2])

        engine = self.database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            await ActivityEnvironment().run(DecideActivities(self.database, Library()).decide, batches)
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return asked
