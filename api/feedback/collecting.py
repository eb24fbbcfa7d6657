"""Feedback that arrives while a commit is in flight is recorded together in the next transaction."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Self

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client

from api.conflicts import in_transaction
from api.group_commit import GroupCommit
from api.starter import Starter
from core.errors import UnavailableError
from core.feedback import Feedback
from core.process import signal_stops
from store.feedback import RecordedFeedback, record_feedback
from store.run_stops import Signals
from store.session import Database

_MOST_TOGETHER = 500
_MOST_WAITING = 20_000


class FeedbackCommits:
    """Feedback is recorded in groups; each webhook is told what came of its own."""

    def __init__(self, database: Database, starter: Starter, client: Client) -> None:
        self._database = database
        self._starter = starter
        self._client = client
        self._group: GroupCommit[Sequence[Feedback], tuple[str, ...]] = GroupCommit(
            self._record, size_of=len, most_together=_MOST_TOGETHER
        )
        self._telling: set[asyncio.Task[bool]] = set()

    async def record(self, feedback: Sequence[Feedback]) -> tuple[str, ...]:
        """What came of each, once it is durable. Raises UnavailableError."""
        if not feedback:
            return ()
        if self._group.waiting and self._group.size + len(feedback) > _MOST_WAITING:
            raise UnavailableError("too much feedback waits to be stored")
        return await self._group.record(feedback)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Commit until the end of the block; then nobody is told of stops any more, they are stored."""
        try:
            async with self._group.running():
                yield self
        finally:
            for each in tuple(self._telling):
                each.cancel()
                with suppress(asyncio.CancelledError):
                    await each

    async def _record(self, together: Sequence[Sequence[Feedback]]) -> list[tuple[str, ...]]:
        async def work(session: AsyncSession) -> RecordedFeedback:
            return await record_feedback(
                session, [each for feedback in together for each in feedback], now=datetime.now(UTC)
            )

        recorded = await in_transaction(self._database, work)
        if recorded.batch_id is not None:
            self._starter.start(recorded.batch_id)
        self._tell(recorded.signals)
        outcomes = iter(recorded.outcomes)
        return [tuple(next(outcomes) for _ in feedback) for feedback in together]

    def _tell(self, signals: Signals) -> None:
        """Off the way of those who wait: the stops are stored, and Temporal may be away."""
        if signals:
            task = asyncio.create_task(signal_stops(self._client, signals))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)
