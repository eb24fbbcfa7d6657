"""What arrives while commits are in flight is recorded together in the next transaction."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Generic, TypeVar

from core.errors import UnavailableError

T = TypeVar("T")
R = TypeVar("R")


@dataclass(eq=False)
class _Waiting(Generic[T, R]):
    item: T
    size: int
    keys: Collection[str]
    done: asyncio.Future[R] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class GroupCommit(Generic[T, R]):
    """A few transactions at a time; whoever waits for them goes into the next one, in the order of arrival.

    An item that PostgreSQL refuses fails alone: the others of its transaction are recorded one by one. When PostgreSQL
    is away all of the transaction fail, and those that wait get their own try.
    """

    def __init__(
        self,
        record: Callable[[Sequence[T]], Awaitable[Sequence[R]]],
        *,
        size_of: Callable[[T], int],
        most_together: int,
        most_at_once: int = 1,
        keys_of: Callable[[T], Collection[str]] = lambda _: (),
    ) -> None:
        """`record` commits items and gives an answer for each; together they have `most_together` rows at most.

        A single item may have more rows: what waits behind it waits for all of them. Of `most_at_once` transactions in
        flight no two have a key in common, so that items with the same key are committed in the order of arrival.
        """
        self._record = record
        self._size_of = size_of
        self._most_together = most_together
        self._most_at_once = most_at_once
        self._keys_of = keys_of
        self._waiting: deque[_Waiting[T, R]] = deque()
        self._size = 0
        self._wake = asyncio.Event()
        self._in_flight: dict[int, Sequence[_Waiting[T, R]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._busy: set[str] = set()
        self._numbers = count()

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
        one: _Waiting[T, R] = _Waiting(item, self._size_of(item), self._keys_of(item))
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
            tasks = [task, *self._tasks]
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for group in (*self._in_flight.values(), self._waiting):
                _fail(group, UnavailableError("the API is stopping"))

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while group := self._next_group():
                number = next(self._numbers)
                self._in_flight[number] = group
                self._busy.update(key for one in group for key in one.keys)
                task = asyncio.create_task(self._fly(number))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def _next_group(self) -> list[_Waiting[T, R]]:
        """Nothing while as many are in flight as may be, or only a few wait beside them: more will come for these."""
        if len(self._in_flight) >= self._most_at_once:
            return []
        if len(self._waiting) < max((len(each) // 2 for each in self._in_flight.values()), default=1):
            return []
        group: list[_Waiting[T, R]] = []
        size = 0
        while self._waiting:
            one = self._waiting[0]
            if (group and size + one.size > self._most_together) or not self._busy.isdisjoint(one.keys):
                break
            self._waiting.popleft()
            self._size -= one.size
            if not one.done.done():  # whoever gave up before anything was stored gets nothing stored
                group.append(one)
                size += one.size
        return group

    async def _fly(self, number: int) -> None:
        group = self._in_flight[number]
        await self._commit(group)
        del self._in_flight[number]
        self._busy.difference_update(key for one in group for key in one.keys)
        self._wake.set()

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
