"""Figures that take longer than a page may: counted once for all who look, and kept with their moment."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

T = TypeVar("T")
FRESH = timedelta(minutes=1)
"""What is older is shown all the same, with its moment, and counted anew by who looks at it."""
_MOST = 200


@dataclass(frozen=True, slots=True)
class Counted(Generic[T]):
    """A figure as of `at`, when its count began."""

    at: datetime
    figure: T

    def fresh(self, now: datetime) -> bool:
        """Whether it need not be counted anew yet."""
        return now - self.at < FRESH


class Counts:
    """The last figures, by what was counted: a key says all that the figure depends on, but for the moment."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Counted[Any]] = OrderedDict()  # Any: of all kinds
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    def kept(self, key: Hashable) -> Counted[Any] | None:  # Any: as the key has it
        """What was counted last, however old; None when nothing was."""
        return self._kept.get(key)

    async def anew(self, key: Hashable, count: Callable[[], Awaitable[T]]) -> Counted[T]:
        """Count now. Who asks while somebody else counts the same gets what comes of that."""
        lock = self._locks.setdefault(key, asyncio.Lock())
        known = self._kept.get(key)
        async with lock:
            found = self._kept.get(key)
            if found is None or found is known:
                found = Counted(datetime.now(UTC), await count())
                self._keep(key, found)
            return found

    def _keep(self, key: Hashable, found: Counted[Any]) -> None:  # Any: as above
        self._kept[key] = found
        self._kept.move_to_end(key)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
