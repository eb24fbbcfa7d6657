"""Requests that arrive while a commit is in flight are recorded together in the next transaction."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.problems import Problem
from api.recording import in_one_transaction
from core.errors import UnavailableError
from store.intake import Recording, record_all
from store.session import Database

_MOST_ORDERS = 1000
"""Orders of one transaction, unless a single request has more: what waits behind it waits for all of them."""
_RETRY_AFTER_SECONDS = 1


@dataclass
class _Request:
    recording: Recording
    done: asyncio.Future[UUID] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class GroupCommit:
    """One transaction at a time; whoever waits for it goes into the next one, in the order of arrival.

    A request whose rows PostgreSQL refuses fails alone: the others of its transaction are recorded one by one. When
    PostgreSQL is away all requests of the transaction fail, and those that wait get their own try.
    """

    def __init__(self, database: Database, *, most_waiting: int) -> None:
        """`most_waiting` orders may wait; more would be answered too late to be of use."""
        self._database = database
        self._most_waiting = most_waiting
        self._waiting: deque[_Request] = deque()
        self._orders_waiting = 0
        self._wake = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Requests that wait for the next transaction."""
        return len(self._waiting)

    async def record(self, recording: Recording) -> UUID:
        """The batch, once it is durable. Raises UnavailableError, and Problem 503 when too much waits already."""
        size = len(recording.changes)
        if self._waiting and self._orders_waiting + size > self._most_waiting:
            raise Problem(
                503,
                "overloaded",
                f"{self._orders_waiting} orders wait to be stored; nothing of this request was accepted.",
                remedy="Send the same request again as Retry-After says.",
                headers={"Retry-After": str(_RETRY_AFTER_SECONDS)},
            )
        request = _Request(recording)
        self._waiting.append(request)
        self._orders_waiting += size
        self._wake.set()
        return await request.done

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Commit until the end of the block; who waits then is told that nothing was stored."""
        task = asyncio.create_task(self._run())
        try:
            yield self
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            _fail(self._waiting, UnavailableError("the API is stopping"))

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            while group := self._next_group():
                try:
                    await self._commit(group)
                except asyncio.CancelledError:
                    _fail(group, UnavailableError("the API is stopping"))
                    raise
            self._wake.clear()

    def _next_group(self) -> list[_Request]:
        group: list[_Request] = []
        orders = 0
        while self._waiting:
            size = len(self._waiting[0].recording.changes)
            if group and orders + size > _MOST_ORDERS:
                break
            request = self._waiting.popleft()
            self._orders_waiting -= size
            if not request.done.done():  # whoever gave up before anything was stored gets nothing stored
                group.append(request)
                orders += size
        return group

    async def _commit(self, group: Sequence[_Request]) -> None:
        try:
            batch_ids = await self._record([request.recording for request in group])
        except UnavailableError as error:
            _fail(group, error)
        except Exception as error:  # noqa: BLE001 # whatever it is, it is the answer of a request, and of that one alone
            if len(group) == 1:
                _fail(group, error)
                return
            for request in group:
                await self._commit([request])
        else:
            for request, batch_id in zip(group, batch_ids, strict=True):
                if not request.done.done():
                    request.done.set_result(batch_id)

    async def _record(self, recordings: Sequence[Recording]) -> list[UUID]:
        async def work(session: AsyncSession) -> list[UUID]:
            recorded = await record_all(session, recordings, now=datetime.now(UTC))
            return [one.batch_id for one in recorded]

        return await in_one_transaction(self._database, work)


def _fail(requests: Sequence[_Request] | deque[_Request], error: Exception) -> None:
    for request in requests:
        if not request.done.done():
            request.done.set_exception(error)
