"""Links of ours that somebody follows become feedback, unless it was a scanner that follows them all."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from api.feedback.collecting import FeedbackCommits
from core.errors import UnavailableError
from core.feedback import Feedback
from core.tracking import own_feedback

logger = logging.getLogger(__name__)

_NEW = timedelta(minutes=2)
"""Scanners look at a mail before, or as, it arrives."""
_MANY = 3
"""So many links of one mail nobody follows within seconds."""
_PATIENCE_SECONDS = 1.0
"""Longest wait for a visit to be stored; its visitor goes on all the same."""
_MOST_HELD = 10_000
_MOST_OF_ONE = 50


@dataclass
class _Held:
    """Visits of a new mail that wait to be believed."""

    feedback: list[Feedback] = field(default_factory=list)
    links: set[str] = field(default_factory=set)

    @property
    def scanned(self) -> bool:
        return len(self.links) >= _MANY


class Visits:
    """Visits of one API process. Those of mails that are older than two minutes are stored before the visitor goes on.

    Those of newer ones are held in memory for the settings' `track_scan_seconds`, and dropped when a third link of the
    same mail is followed meanwhile. What is held when the process is killed is lost.
    """

    def __init__(self, commits: FeedbackCommits, *, hold_seconds: float) -> None:
        """`hold_seconds` 0 holds nothing."""
        self._commits = commits
        self._hold_seconds = hold_seconds
        self._held: dict[UUID, _Held] = {}
        self._timers: dict[UUID, asyncio.TimerHandle] = {}
        self._storing: set[asyncio.Task[None]] = set()

    async def note(self, message_id: UUID, *, made: datetime, now: datetime, url: str | None = None) -> None:
        """Somebody followed the link to `url`, or without it loaded our picture, of a mail made at that moment."""
        feedback = own_feedback(message_id, now, url)
        held = self._held.get(message_id)
        new = self._hold_seconds > 0 and timedelta() <= now - made < _NEW and len(self._held) < _MOST_HELD
        if held is None and not new:
            storing = self._store([feedback])
            await asyncio.wait([storing], timeout=_PATIENCE_SECONDS)
            return
        if held is None:
            held = self._held[message_id] = _Held()
            self._wait(message_id, self._hold_seconds)
        if url is not None:
            held.links.add(url)
        if len(held.feedback) < _MOST_OF_ONE:
            held.feedback.append(feedback)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Until the end of the block; what is held then is stored."""
        try:
            yield self
        finally:
            for timer in self._timers.values():
                timer.cancel()
            self._store([one for held in self._held.values() if not held.scanned for one in held.feedback])
            await asyncio.gather(*self._storing)

    def _wait(self, message_id: UUID, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._timers[message_id] = loop.call_later(seconds, self._settle, message_id)

    def _settle(self, message_id: UUID) -> None:
        held = self._held[message_id]
        if held.scanned and held.feedback:
            held.feedback.clear()
            self._wait(message_id, _NEW.total_seconds())  # the scanner may not be done with it
            return
        del self._held[message_id], self._timers[message_id]
        if not held.scanned:
            self._store(held.feedback)

    def _store(self, feedback: list[Feedback]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._record(feedback))
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)
        return task

    async def _record(self, feedback: list[Feedback]) -> None:
        try:
            await self._commits.record(feedback)
        except UnavailableError as error:
            logger.warning("%s visits of links were not stored: %s", len(feedback), error)
        except Exception:  # whatever it is, the visitor went on
            logger.exception("visits of links were not stored")
