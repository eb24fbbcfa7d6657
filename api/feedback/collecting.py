"""Feedback that arrives while a commit is in flight is recorded together in the next transaction."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client

from api.conflicts import in_transaction
from api.starter import Starter
from core.errors import UnavailableError
from core.feedback import Feedback
from core.process import signal_stops
from store.feedback import RecordedFeedback, record_feedback
from store.run_stops import Signals
from store.session import Database

logger = logging.getLogger(__name__)

_MOST_TOGETHER = 500
_MOST_WAITING = 20_000


@dataclass
class _Waiting:
    feedback: Sequence[Feedback]
    done: asyncio.Future[tuple[str, ...]] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class FeedbackCommits:
    """One transaction at a time; whoever waits for it goes into the next one. What fails, fails alone."""

    def __init__(self, database: Database, starter: Starter, client: Client) -> None:
        self._database = database
        self._starter = starter
        self._client = client
        self._waiting: deque[_Waiting] = deque()
        self._size = 0
        self._wake = asyncio.Event()
        self._telling: set[asyncio.Task[bool]] = set()

    async def record(self, feedback: Sequence[Feedback]) -> tuple[str, ...]:
        """What came of each, once it is durable. Raises UnavailableError."""
        if not feedback:
            return ()
        if self._waiting and self._size + len(feedback) > _MOST_WAITING:
            raise UnavailableError("too much feedback waits to be stored")
        one = _Waiting(feedback)
        self._waiting.append(one)
        self._size += len(feedback)
        self._wake.set()
        return await one.done

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Commit until the end of the block; who waits then is told that nothing was stored."""
        task = asyncio.create_task(self._run())
        try:
            yield self
        finally:
            for each in (task, *self._telling):
                each.cancel()
                with suppress(asyncio.CancelledError):
                    await each
            _fail(self._waiting, UnavailableError("the API is stopping"))

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            while group := self._next():
                try:
                    await self._commit(group)
                except asyncio.CancelledError:
                    _fail(group, UnavailableError("the API is stopping"))
                    raise
            self._wake.clear()

    def _next(self) -> list[_Waiting]:
        group: list[_Waiting] = []
        size = 0
        while self._waiting and (not group or size + len(self._waiting[0].feedback) <= _MOST_TOGETHER):
            group.append(self._waiting.popleft())
            size += len(group[-1].feedback)
        self._size -= size
        return group

    async def _commit(self, group: Sequence[_Waiting]) -> None:
        try:
            recorded = await self._record([each for one in group for each in one.feedback])
        except UnavailableError as error:
            _fail(group, error)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is the answer of one webhook alone)
            if len(group) == 1:
                _fail(group, error)
                return
            for one in group:
                await self._commit([one])
        else:
            outcomes = iter(recorded.outcomes)
            for one in group:
                told = tuple(next(outcomes) for _ in one.feedback)
                if not one.done.done():
                    one.done.set_result(told)
            if recorded.batch_id is not None:
                self._starter.start(recorded.batch_id)
            self._tell(recorded.signals)

    async def _record(self, feedback: Sequence[Feedback]) -> RecordedFeedback:
        async def work(session: AsyncSession) -> RecordedFeedback:
            return await record_feedback(session, feedback, now=datetime.now(UTC))

        return await in_transaction(self._database, work)

    def _tell(self, signals: Signals) -> None:
        """Off the way of those who wait: the stops are stored, and Temporal may be away."""
        if signals:
            task = asyncio.create_task(signal_stops(self._client, signals))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)


def _fail(waiting: Iterable[_Waiting], error: Exception) -> None:
    for one in waiting:
        if not one.done.done():
            one.done.set_exception(error)
