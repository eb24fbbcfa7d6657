"""Runs a definition over past events in virtual time, with the interpreter that runs use. Sends and writes nothing.

Events come in the order in which they became known; what came with one request is seen as a whole before a run takes
its next step, as in a running system. Memory grows with the runs under way and with what repeats, not with the events.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from heapq import heappop, heappush
from typing import Any
from uuid import UUID

from automation.backtest_event import EventFacts, Needs, PastEvent, needs_of
from automation.backtest_launch import Launches
from automation.backtest_run import VirtualRun, Watcher
from automation.backtest_time import Account, Planner
from automation.backtest_walk import Walker
from automation.fields import Facts
from automation.flow import Flow
from automation.matching import match_awaited, match_start, stopping_rule
from core.errors import InvalidError

_NO_FACTS: Mapping[str, Any] = {}


class Backtest:
    """Feed it with `take`, in order, then `finish`."""

    def __init__(
        self,
        flow: Flow,
        watcher: Watcher,
        event_facts: EventFacts,
        *,
        account: Account | None = None,
        historical: bool = False,
        assume: Mapping[str, str] | None = None,
        whole: bool = False,
    ) -> None:
        """`historical` lets imported orders of the past act; `assume` has the branch of steps that only time tells.

        `whole` makes facts that the definition itself does not read, for who renders templates.

        Raises InvalidError for an automation that starts from a segment: no event begins it.
        """
        if not flow.definition.start.event:
            raise InvalidError("an automation that starts from a segment cannot be backtested", field="start.segment")
        self.needs: Needs = needs_of(flow)
        if whole:
            self.needs = replace(self.needs, event=True, contact=True, steps=True, run=True)
        self._flow = flow
        self._tell = watcher
        self._event_facts = event_facts
        account = account or Account()
        self._walker = Walker(flow, watcher, Planner(account), self.needs, dict(assume or {}))
        self._launches = Launches(flow.definition, account.zone)
        self._historical = historical
        self._timers: list[tuple[datetime, int, int, VirtualRun]] = []
        self._by_order: dict[UUID, list[VirtualRun]] = {}
        self._by_contact: dict[UUID, list[VirtualRun]] = {}
        self._numbers = 0
        self._stop_types = flow.definition.stops
        self._wakes = any(step.kind == "wait_for" for step in flow.steps.values())

    @property
    def under_way(self) -> int:
        """Runs that wait and are not stopped."""
        return sum(1 for _, _, wake, run in self._timers if wake == run.wake and run.stopped_by is None)

    def take(self, events: Iterable[PastEvent]) -> None:
        """Go on through events, each at or after the one before."""
        timers, by_order = self._timers, self._by_order
        starts, stops, wakes = frozenset(self.needs.starts), self._stop_types, self._wakes
        for event in events:
            if timers and timers[0][0] < event.at:
                self._run_until(event.at)
            effect = event.effect
            if self._historical and effect == "historical":
                event = event._replace(effect="acts")  # noqa: PLW2901 - the same event, allowed to act
                effect = "acts"
            same_order = by_order.get(event.order_id) if event.order_id is not None else None
            if same_order and event.snapshot is not None:
                for run in same_order:
                    run.newest = event.snapshot
            if effect == "acts" and (event.type in stops or wakes):
                self._touch(event)
            if event.type in starts:
                self._consider(event)

    def run_until(self, moment: datetime) -> None:
        """Let the virtual clock go on without events."""
        self._run_until(moment)

    def _run_until(self, moment: datetime) -> None:
        timers = self._timers
        while timers and timers[0][0] < moment:
            at, _, wake, run = heappop(timers)
            if wake == run.wake and not run.ended:
                self._wake(run, at)

    def _wake(self, run: VirtualRun, at: datetime) -> None:
        until = self._walker.wake(run, at)
        if until is not None:
            self._sleep(run, until)
        elif run.stopped_by is None:
            self._forget(run)

    def _touch(self, event: PastEvent) -> None:
        """Stop or wake the runs that an event concerns."""
        of_order = self._by_order.get(event.order_id, ()) if event.order_id is not None else ()
        of_contact = self._by_contact.get(event.contact_id, ()) if event.contact_id is not None else ()
        facts: Facts | None = None
        for run in dict.fromkeys((*of_order, *of_contact)):
            facts = facts if facts is not None else self._facts_at(event)
            same_order = event.order_id is not None and event.order_id == run.event.order_id
            same_contact = event.contact_id is not None and event.contact_id == run.event.contact_id
            if event.type in self._stop_types and stopping_rule(
                self._flow.definition, event.type, same_order=same_order, same_contact=same_contact, facts=facts
            ):
                self._stop(run, event, f"{event.type} came")
            elif run.awaits is not None:
                match = match_awaited(
                    run.awaits, event.type, same_order=same_order, same_contact=same_contact, facts=facts
                )
                if match is not None and match.held:
                    self._walker.come(run, event)
                    self._sleep(run, event.at)

    def _stop(self, run: VirtualRun, event: PastEvent, why: str) -> None:
        run.stopped_by = event
        self._tell.stopped(run, event.at, why)
        self._forget(run)

    def _consider(self, event: PastEvent) -> None:
        facts = self._facts_at(event)
        match = match_start(self._flow.definition, event.type, event.effect, facts)
        if match is None:
            return
        if not match.held:
            self._tell.not_matched(event, match)
            return
        refused = self._launches.refuse(event, self._by_contact.get(event.contact_id, ()) if event.contact_id else ())
        if refused:
            self._tell.suppressed(event, refused)
            return
        if self._flow.definition.start.if_running == "replace" and event.contact_id is not None:
            for other in tuple(self._by_contact.get(event.contact_id, ())):
                self._stop(other, event, "replaced by a newer run")
        self._launches.note(event)
        self._numbers += 1
        order = event.snapshot or _NO_FACTS
        run = VirtualRun(self._numbers, event, event.at, self._flow.first, order, order, facts["event"], event.at)
        if event.order_id is not None:
            self._by_order.setdefault(event.order_id, []).append(run)
        if event.contact_id is not None:
            self._by_contact.setdefault(event.contact_id, []).append(run)
        self._tell.launched(run, match.because)
        heappush(self._timers, (event.at, run.number, 0, run))

    def _sleep(self, run: VirtualRun, until: datetime) -> None:
        run.wake += 1
        heappush(self._timers, (until, run.number, run.wake, run))

    def _forget(self, run: VirtualRun) -> None:
        for index, key in ((self._by_order, run.event.order_id), (self._by_contact, run.event.contact_id)):
            if key is not None and key in index:
                left = [other for other in index[key] if other is not run]
                if left:
                    index[key] = left
                else:
                    del index[key]

    def _facts_at(self, event: PastEvent) -> dict[str, Any]:  # JSON
        return {
            "order": event.snapshot or _NO_FACTS,
            "event": self._event_facts(event) if self.needs.event else _NO_FACTS,
            "contact": event.contact or _NO_FACTS,
            "run": {"now": event.at.isoformat()} if self.needs.run else _NO_FACTS,
            "steps": _NO_FACTS,
        }
