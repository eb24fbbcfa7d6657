"""Which launches of a batch are made and which runs end, event after event, as the rules of each automation say.

Pure: what the database knows was loaded before, what is to be written is told afterwards.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from activities.stopping import rule_that_stops, stop_by_rule
from automation.interpreter import Flow
from automation.matching import unique_since
from automation.reasons import Code, reason
from automation.rules import UniqueWithin
from core.contracts import Stop, StopKind
from store.admission import RecentRun, Window
from store.automations import Live
from store.decisions import NewDecision
from store.runs import NewRun, OpenRun
from store.tables.run import Outcome, RunState

Event = dict[str, Any]  # Any: a row of order_event


@dataclass(frozen=True)
class Wanted:
    """A launch that its event fulfils all conditions of."""

    event: Event
    live: Live
    flow: Flow
    key: str
    because: dict[str, Any]

    @property
    def guards(self) -> tuple[str, ...]:
        """Keys to be held while it is decided; none where the unique index of dedupe_key says all there is to say."""
        start = self.flow.definition.start
        owner = self.event["contact_id"]
        guards = [f"running:{self.live.id}:{owner}"] if start.if_running != "start" and owner else []
        if isinstance(start.unique, UniqueWithin):
            guards.append(f"within:{self.live.id}:{self.event[f'{start.unique.per}_id']}")
        return (*guards, self.key) if guards else ()

    def window(self, zone: str) -> Window | None:
        """The length of time in which it is once for its order or contact."""
        unique = self.flow.definition.start.unique
        if not isinstance(unique, UniqueWithin):
            return None
        owner = self.event[f"{unique.per}_id"]
        if owner is None:
            return None
        return Window(self.live.id, unique.per, owner, unique_since(unique, self.event["occurred_at"], zone))


@dataclass
class Admission:
    """The state of the world while a batch is decided."""

    taken: dict[str, UUID]
    """dedupe_key → the run that holds it."""
    flows: Mapping[UUID, Flow]
    """Of every version that a live or open run has."""
    facts: Callable[[Event], dict[str, Any]]
    ids: Iterable[UUID]
    zone: str
    made: list[tuple[Wanted, NewRun]] = field(default_factory=list)
    stops: dict[UUID, tuple[Stop, UUID]] = field(default_factory=dict)
    """Run → why and by which event."""
    decisions: list[NewDecision] = field(default_factory=list)
    _by_order: dict[UUID, list[OpenRun]] = field(default_factory=lambda: defaultdict(list))
    _by_contact: dict[UUID, list[OpenRun]] = field(default_factory=lambda: defaultdict(list))
    _recent: dict[tuple[UUID, UUID], list[tuple[datetime, UUID]]] = field(default_factory=lambda: defaultdict(list))
    _new: set[UUID] = field(default_factory=set)
    _noted: set[tuple[UUID, UUID]] = field(default_factory=set)

    def know(self, open_runs: Sequence[OpenRun], recent: Sequence[RecentRun]) -> None:
        """Take up what the database has."""
        for run in open_runs:
            self._open(run)
        for one in recent:
            self._recent[one.automation_id, one.owner].append((one.occurred_at, one.run_id))

    def stop_by(self, event: Event, *, only_new: bool = False) -> None:
        """End the runs that a rule of their own version names, each by the first such event.

        `only_new` is for events of other batches, which have been decided or will be: they end what this batch starts.
        """
        for run in self._concerned(event):
            if run.id in self.stops or event["seq"] <= run.event_seq or (only_new and run.id not in self._new):
                continue
            flow = self.flows[run.version_id]
            if event["event_type"] not in flow.definition.stops:
                continue
            found = rule_that_stops(
                flow, event, order_id=run.order_id, contact_id=run.contact_id, facts=self.facts(event)
            )
            if found is not None:
                place, rule = found
                stop = stop_by_rule(event, place)
                self._stop(run, event, stop, reason(Code.STOPPED, **_told(event), match=rule.match, rule=stop.rule))

    def admit(self, wanted: Wanted) -> None:
        """Make the launch, or say which earlier run forbids it."""
        event, live = wanted.event, wanted.live
        refused = self._refused(wanted)
        if refused is not None:
            why, run_id = refused
            self.decisions.append(NewDecision(event["id"], live.id, live.version_id, Outcome.SUPPRESSED, why, run_id))
            return
        for other in self._running(wanted):
            stop = Stop(kind=StopKind.REPLACED, reason="a newer run took its place", event_id=event["id"])
            self._stop(other, event, stop, reason(Code.REPLACED, **_told(event)))
        run = NewRun(
            next(iter(self.ids)), live.id, live.version_id, event["id"], event["seq"], event["order_id"],
            event["contact_id"], wanted.key,
        )  # fmt: skip
        self.made.append((wanted, run))
        self._new.add(run.id)
        self.taken[wanted.key] = run.id
        self._open(
            OpenRun(run.id, live.id, live.version_id, run.event_seq, run.order_id, run.contact_id, RunState.PENDING)
        )
        window = wanted.window(self.zone)
        if window is not None:
            self._recent[live.id, window.owner].append((event["occurred_at"], run.id))
        self.decisions.append(
            NewDecision(event["id"], live.id, live.version_id, Outcome.STARTED, wanted.because, run.id)
        )

    def _refused(self, wanted: Wanted) -> tuple[dict[str, Any], UUID] | None:
        start = wanted.flow.definition.start
        if wanted.key in self.taken:
            run_id = self.taken[wanted.key]
            return reason(Code.SUPPRESSED, unique=wanted.key.partition(":")[0], run=str(run_id)), run_id
        window = wanted.window(self.zone)
        if window is not None and isinstance(start.unique, UniqueWithin):
            for occurred_at, run_id in self._recent[wanted.live.id, window.owner]:
                if occurred_at > window.since:
                    within = str(start.unique.within)
                    return reason(Code.SUPPRESSED, per=window.per, within=within, run=str(run_id)), run_id
        if start.if_running == "start":
            return None
        for other in self._running(wanted):
            if start.if_running == "skip" or other.event_seq > wanted.event["seq"]:
                return reason(Code.STILL_RUNNING, run=str(other.id)), other.id
        return None

    def _running(self, wanted: Wanted) -> list[OpenRun]:
        """Runs of the same automation and contact that have not ended, where the automation asks for it."""
        contact_id = wanted.event["contact_id"]
        if contact_id is None or wanted.flow.definition.start.if_running == "start":
            return []
        return [
            run
            for run in self._by_contact.get(contact_id, ())
            if run.automation_id == wanted.live.id and run.id not in self.stops and not run.test
        ]

    def _concerned(self, event: Event) -> list[OpenRun]:
        own = self._by_order.get(event["order_id"], []) if event["order_id"] else []
        known = {run.id for run in own}
        others = self._by_contact.get(event["contact_id"], []) if event["contact_id"] else []
        return own + [run for run in others if run.id not in known]

    def _stop(self, run: OpenRun, event: Event, stop: Stop, why: dict[str, Any]) -> None:
        self.stops[run.id] = (stop, event["id"])
        if not run.test and (event["id"], run.automation_id) not in self._noted:
            self._noted.add((event["id"], run.automation_id))
            self.decisions.append(
                NewDecision(event["id"], run.automation_id, run.version_id, Outcome.STOPPED, why, run.id)
            )

    def _open(self, run: OpenRun) -> None:
        if run.order_id:
            self._by_order[run.order_id].append(run)
        if run.contact_id:
            self._by_contact[run.contact_id].append(run)


def _told(event: Event) -> dict[str, Any]:
    return {"event": event["event_type"], "key": event["event_key"]}
