"""A provider that is down is left in peace: after some failed messages none is tried for a while, then one."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from channels.base import Later, Outcome

_FAILED_MESSAGES = 5
"""So many different messages in a row: one address in trouble is no outage."""
_FIRST_PAUSE = 5.0  # seconds; doubled with every probe that fails
_LONGEST_PAUSE = 120.0
_PROBE_SECONDS = 60.0
"""A probe that has said nothing for so long does not keep the next one back."""


@dataclass
class Circuit:
    """Of one provider in one process. While it is paused one message at a time, the probe, may try."""

    clock: Callable[[], float] = time.monotonic
    _failed: set[UUID] = field(default_factory=set)
    _pause: float = 0.0
    _until: float = 0.0
    _probe: UUID | None = None

    def wait(self, message_id: UUID) -> float:
        """Seconds until this message may be tried; 0 is now."""
        if not self._pause:
            return 0.0
        left = self._until - self.clock()
        if left > 0:
            # a probe that is under way may end the pause at any moment: nobody waits for its time limit
            return left if self._probe is None else min(left, _FIRST_PAUSE)
        self._until, self._probe = self.clock() + _PROBE_SECONDS, message_id
        return 0.0

    def give_back(self, message_id: UUID) -> None:
        """The provider was not called for this message after all; when it was the probe, the next one may be."""
        if message_id == self._probe:
            self._until, self._probe = self.clock(), None

    def note(self, message_id: UUID, outcome: Outcome) -> float | None:
        """Learn from a call. Returns the seconds of a pause that begins, 0 when one ends, None when nothing changes."""
        if not isinstance(outcome, Later):
            self._failed.clear()
            ended, self._pause, self._probe = self._pause > 0, 0.0, None
            return 0.0 if ended else None
        if self._pause:
            if message_id != self._probe:
                return None  # it was under way when the pause began
        else:
            self._failed.add(message_id)
            if len(self._failed) < _FAILED_MESSAGES:
                return None
        self._pause, self._probe = min(max(self._pause * 2, _FIRST_PAUSE), _LONGEST_PAUSE), None
        lasts = max(self._pause, outcome.retry_after or 0.0)
        self._until = self.clock() + lasts
        return lasts
