"""Which launches uniqueness refuses, without remembering every launch there ever was."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from automation.backtest_event import PastEvent
from automation.backtest_run import VirtualRun
from automation.matching import unique_since
from automation.model import Definition
from automation.rules import UniqueWithin

_SWEEP_EVERY = 50_000


class Launches:
    """What has been launched, as far as it can still refuse anything.

    `once_…` keeps 16 bytes and a little for each order or contact that was launched for. `{ per, within }` forgets
    what is older than its length of time.
    """

    def __init__(self, definition: Definition, zone: str) -> None:
        self._unique = definition.start.unique
        self._if_running = definition.start.if_running
        self._many_types = len(definition.start.event) > 1
        self._zone = zone
        self._once: set[bytes] = set()
        self._last: dict[UUID, datetime] = {}
        self._noted = 0

    def refuse(self, event: PastEvent, running: Sequence[VirtualRun]) -> str:
        """The rule that refuses a launch for this event; empty when none does."""
        if isinstance(self._unique, UniqueWithin):
            owner = event.contact_id if self._unique.per == "contact" else event.order_id
            last = self._last.get(owner) if owner is not None else None
            if last is not None and last > unique_since(self._unique, event.occurred_at, self._zone):
                return "within"
        else:
            key = self._key(event)
            if key is not None and key in self._once:
                return self._unique
        return "still_running" if self._if_running == "skip" and running else ""

    def note(self, event: PastEvent) -> None:
        """A run was launched for this event."""
        if isinstance(self._unique, UniqueWithin):
            owner = event.contact_id if self._unique.per == "contact" else event.order_id
            if owner is not None:
                self._last[owner] = max(event.occurred_at, self._last.get(owner, event.occurred_at))
                self._noted += 1
                if self._noted % _SWEEP_EVERY == 0:
                    since = unique_since(self._unique, event.at, self._zone)
                    since = unique_since(self._unique, since, self._zone)  # twice: what is told late counts too
                    self._last = {one: at for one, at in self._last.items() if at > since}
            return
        key = self._key(event)
        if key is not None and not event.alone:
            self._once.add(key)

    def _key(self, event: PastEvent) -> bytes | None:
        if self._unique == "each_time":
            return None
        owner = event.contact_id if self._unique == "once_per_contact" else event.order_id
        if owner is None:
            return None
        more = event.type.encode() if self._unique == "once_per_status" and self._many_types else b""
        return owner.bytes + more
