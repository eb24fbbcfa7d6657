"""What arrives while a commit is in flight is recorded together in the next transaction."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from core.errors import UnavailableError

T = TypeVar("T")
R = TypeVar("R")


@dataclass
class _Waiting(Generic[T, R]):
    item: T
    size: int
    done: asyncio.Future[R] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class GroupCommit(Generic[T, R]):
    """One transaction at a time; whoever waits for it goes into the next one, in the order of arrival.

    An item that PostgreSQL refuses fails alone: the others of its transaction are recorded one by one. When PostgreSQL
    is away all of the transaction fail, and those that wait get their own try.
    """

    def __init__(
        self,
        record: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        *,
        size_of: Callable[[T], int],
        most_together: int,
    ) -> None:
        """`record` commits items and gives an answer for each; together they have `most_together` rows at most.

        A single item may have more rows: what waits behind it waits for all of them.
        """
        self._record = record
        self._size_of = size_of
        self._most_together = most_together
        self._waiting: deque[_Waiting[T, R]] = deque()
        self._size = 0
        self._wake = asyncio.Event()

    @property
    def waiting(self) -> int:
        """Items that wait for the next transaction."""
        return len(self._waiting)

    @property
    def size(self) -> int:
        """Rows of all that waits."""
        return self._size

    async def record(self, item: T) -> R:
        """The answer, once the item is durable. Raises UnavailableError."""
        one: _Waiting[T, R] = _Waiting(item, self._size_of(item))
        self._waiting.append(one)
        self._size += one.size
        self._wake.set()
        return await one.done

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Commit until the end of the block; who waits then is told that nothing was stored."""
        task = asyncio.create_task(self._run())
        try:
            yield
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

    def _next_group(self) -> list[_Waiting[T, R]]:
        group: list[_Waiting[T, R]] = []
        size = 0
        while self._waiting:
            if group and size + self._waiting[0].size > self._most_together:
                break
            one = self._waiting.popleft()
            self._size -= one.size
            if not one.done.done():  # whoever gave up before anything was stored gets nothing stored
                group.append(one)
                size += one.size
        return group

    async def _commit(self, group: Sequence[_Waiting[T, R]]) -> None:
        try:
            answers = await self._record([one.item for one in group])
        except UnavailableError as error:
            _fail(group, error)
        except Exception as error:  # noqa: BLE001 # whatever it is, it is the answer of one item, and of that one alone
            if len(group) == 1:
                _fail(group, error)
                return
            for one in group:
                await self._commit([one])
        else:
            for one, answer in zip(group, answers, strict=True):
                if not one.done.done():
                    one.done.set_result(answer)


def _fail(waiting: Iterable[_Waiting[T, R]], error: Exception) -> None:
    for one in waiting:
        if not one.done.done():
            one.done.set_exception(error)
