"""Counts what a backtest finds, with a few examples of each."""

from collections import Counter, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from automation.action_steps import GetOrderStep, SendStep
from automation.backtest_event import PastEvent
from automation.backtest_run import VirtualRun, Watcher
from automation.conditions import Because
from automation.conditions import sentence as because_sentence
from automation.fields import Facts
from automation.flow import Flow
from automation.matching import Match
from automation.rules import StopOnUnsubscribe
from core.backtests import MOST_EXAMPLES, BacktestAsked, BacktestDay, BacktestReport, Example

_WEEK = timedelta(days=7)
_NOTES = {
    "check_message": "check_message finds each message delivered, and never opened or clicked",
    "webhook": "webhooks are not called; conditions on their answers find nothing",
    "emit": "events of emit steps start and stop nothing",
    "update_contact": "changes of contacts are not made; contacts are as they are today",
    "add_to_segment": "segments are not changed",
    "remove_from_segment": "segments are not changed",
}
_ALWAYS = (
    "launches before the beginning of the time are not known to uniqueness",
    "consent, suppressed addresses and frequency caps are not applied",
)


class Tally(Watcher):
    """A watcher that counts. Memory grows with the messages of one week, not with those of the whole time."""

    def __init__(self, asked: BacktestAsked, flow: Flow, zone: str) -> None:
        self._asked, self._flow, self._zone = asked, flow, zone
        self._place = ZoneInfo(zone)
        self._counts: Counter[str] = Counter()
        self._suppressed: Counter[str] = Counter()
        self._by_step: Counter[str] = Counter()
        self._skipped: Counter[str] = Counter()
        self._shifted: Counter[str] = Counter()
        self._launches: Counter[int] = Counter()
        self._hours: dict[int, list[int]] = {}
        self._week: deque[tuple[datetime, UUID]] = deque()
        self._in_week: Counter[UUID] = Counter()
        self._over: set[UUID] = set()
        self._examples: dict[str, list[Example]] = {}

    def not_matched(self, event: PastEvent, match: Match) -> None:
        """The event is of a type that starts, and did not."""
        self._counts["not_matched"] += 1
        if self._wants("not_matched"):
            detail = because_sentence(match.because) if match.because else f"the event is {match.effect}"
            self._show("not_matched", event, event.at, detail=detail)

    def suppressed(self, event: PastEvent, rule: str) -> None:
        """The launch was refused."""
        self._suppressed[rule] += 1
        if self._wants("suppressed"):
            self._show("suppressed", event, event.at, detail=rule)

    def launched(self, run: VirtualRun, because: Because | None) -> None:
        """A run began."""
        del because
        self._counts["launches"] += 1
        self._launches[run.started_at.astimezone(self._place).toordinal()] += 1

    def stopped(self, run: VirtualRun, at: datetime, why: str) -> None:
        """A run ended before its last step."""
        self._counts["stopped"] += 1
        if self._wants("stopped"):
            self._show("stopped", run.event, at, step=run.step_id, detail=why)

    def shifted(self, run: VirtualRun, step_id: str, cause: str, wanted: datetime, at: datetime) -> None:
        """A holiday or the allowed send time moved a moment."""
        self._shifted[cause] += 1
        if self._wants(cause):
            local = wanted.astimezone(self._place), at.astimezone(self._place)
            detail = f"from {local[0]:%Y-%m-%d %H:%M} to {local[1]:%Y-%m-%d %H:%M}"
            self._show(cause, run.event, at, step=step_id, detail=detail)

    def sent(self, run: VirtualRun, step: SendStep, at: datetime, facts: Callable[[], Facts]) -> None:
        """A message would have been sent."""
        del facts
        self._by_step[step.id] += 1
        local = at.astimezone(self._place)
        day = local.toordinal()
        hours = self._hours.get(day)
        if hours is None:
            hours = self._hours[day] = [0] * 24
        hours[local.hour] += 1
        if self._wants("sent"):
            self._show("sent", run.event, at, step=step.id, detail=step.template)
        if run.event.contact_id is not None:
            self._count_week(run, step, at, run.event.contact_id)

    def prevented(self, run: VirtualRun, step: SendStep, at: datetime) -> None:
        """A message that a stop kept back."""
        self._counts["prevented"] += 1
        if self._wants("prevented") and run.stopped_by is not None:
            by = run.stopped_by
            self._show("prevented", run.event, at, step=step.id, detail=f"{by.type} came at {by.at:%Y-%m-%d %H:%M} UTC")

    def skipped(self, run: VirtualRun, step: SendStep, at: datetime, code: str) -> None:
        """A message that was not sent for another reason."""
        self._skipped[code] += 1
        if self._wants("skipped"):
            self._show("skipped", run.event, at, step=step.id, detail=code)

    def report(self, *, events: int, waiting: int) -> BacktestReport:
        """Everything that was counted."""
        days = sorted(self._launches.keys() | self._hours.keys())
        return BacktestReport(
            automation=self._flow.definition.name,
            since=self._asked.since,
            until=self._asked.until,
            zone=self._zone,
            events=events,
            launches=self._counts["launches"],
            not_matched=self._counts["not_matched"],
            suppressed=dict(self._suppressed),
            stopped=self._counts["stopped"],
            waiting=waiting,
            sends=self._by_step.total(),
            sends_by_step=dict(self._by_step),
            skipped=dict(self._skipped),
            prevented=self._counts["prevented"],
            shifted=dict(self._shifted),
            most_messages=self._asked.most_messages,
            contacts_over=len(self._over),
            days=tuple(
                BacktestDay(
                    day=datetime.fromordinal(day).date(),
                    launches=self._launches[day],
                    hours=tuple(self._hours.get(day, (0,) * 24)),
                )
                for day in days
            ),
            examples={kind: tuple(found) for kind, found in sorted(self._examples.items())},
            notes=supposed(self._flow),
        )

    def _count_week(self, run: VirtualRun, step: SendStep, at: datetime, contact: UUID) -> None:
        week, counts = self._week, self._in_week
        while week and week[0][0] <= at - _WEEK:
            _, other = week.popleft()
            counts[other] -= 1
            if not counts[other]:
                del counts[other]
        week.append((at, contact))
        counts[contact] += 1
        if counts[contact] > self._asked.most_messages and contact not in self._over:
            self._over.add(contact)
            if self._wants("contacts_over"):
                detail = f"{counts[contact]} messages within 7 days"
                self._show("contacts_over", run.event, at, step=step.id, detail=detail)

    def _wants(self, kind: str) -> bool:
        return len(self._examples.get(kind, ())) < MOST_EXAMPLES

    def _show(self, kind: str, event: PastEvent, at: datetime, *, step: str | None = None, detail: str = "") -> None:
        example = Example(at=at, key=event.key, contact_id=event.contact_id, step=step, detail=detail)
        self._examples.setdefault(kind, []).append(example)


def supposed(flow: Flow) -> tuple[str, ...]:
    """What a backtest or simulation of this definition cannot know, and takes for granted."""
    steps = flow.steps.values()
    found = [_NOTES[kind] for kind in dict.fromkeys(step.kind for step in steps) if kind in _NOTES]
    if any(isinstance(step, GetOrderStep) and (step.order_id or step.external_id) for step in steps):
        found.append("get_order of another order sees the event's own order")
    if any(step.kind == "get_order" for step in steps) and any(
        not e.startswith("order") for e in flow.definition.start.event
    ):
        found.append("get_order of an event without an order finds none")
    if any(isinstance(rule, StopOnUnsubscribe) for rule in flow.definition.stop):
        found.append("nobody unsubscribes")
    return (*dict.fromkeys(found), *_ALWAYS)
