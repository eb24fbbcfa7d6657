"""Which events start an automation, end its runs or wake them, and what makes a launch unique."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from automation.conditions import Because
from automation.fields import Facts
from automation.flow import each_step
from automation.model import Definition
from automation.moments import add
from automation.reasons import Code, because_reason, reason
from automation.regular import MEMBER
from automation.rules import StopOnEvent, StopOnUnsubscribe, UniqueWithin
from automation.steps import WaitForStep

ACTS = "acts"
UNCHANGED = "unchanged"


class Match(NamedTuple):
    """Whether an event does something, and what decided."""

    held: bool
    code: Code
    because: Because | None = None
    effect: str | None = None
    """The event's effect, when that decided."""

    @property
    def reason(self) -> dict[str, Any]:  # JSON
        """As it is stored with the decision."""
        if self.because is not None:
            return because_reason(self.code, self.because)
        return reason(self.code, effect=self.effect)


_STARTS = Match(held=True, code=Code.STARTED)


def start_events(definition: Definition) -> tuple[str, ...]:
    """Event types that can start a run; that of its own looks for an automation that starts from a segment."""
    return (MEMBER,) if definition.start.segment is not None else definition.start.event


def match_start(definition: Definition, event_type: str, effect: str, facts: Facts) -> Match | None:
    """Whether an event starts the automation; None when it does not listen to such events.

    Of the effects only `acts` starts everything; `unchanged` starts what asks for each time.
    """
    return begin(definition, effect, facts) if event_type in start_events(definition) else None


def begin(definition: Definition, effect: str, facts: Facts) -> Match:
    """As match_start, for an event of a type that the automation is known to listen to."""
    start = definition.start
    if effect != ACTS and not (effect == UNCHANGED and start.unique == "each_time"):
        return Match(held=False, code=Code.NO_EFFECT, effect=effect)
    if start.check is None:
        return _STARTS
    held, because = start.check(facts)
    return Match(held, Code.STARTED if held else Code.NOT_MATCHED, because)


def dedupe_key(
    definition: Definition,
    *,
    automation_id: UUID,
    event_id: UUID,
    event_type: str,
    order_id: UUID | None,
    contact_id: UUID | None,
) -> str:
    """What the database keeps unique, `<rule>:<automation>:<what it is once for>`.

    Without the order or contact that the rule asks for, the event stands in. `{ per, within }` has the key of
    the event; the length of time is for the store to keep, see unique_since.
    """
    unique = definition.start.unique
    rule = "each_time" if isinstance(unique, UniqueWithin) else unique
    owner = {"once_per_status": order_id, "once_per_order": order_id, "once_per_contact": contact_id}.get(rule)
    if owner is None:
        return f"{rule}:{automation_id}:event:{event_id}"
    return (
        f"{rule}:{automation_id}:{owner}:{event_type}"
        if rule == "once_per_status"
        else f"{rule}:{automation_id}:{owner}"
    )


def unique_since(unique: UniqueWithin, occurred_at: datetime, zone: str) -> datetime:
    """A run of the same contact (or order) that began after this moment, in UTC, refuses a launch."""
    return add(occurred_at, -unique.within, ZoneInfo(zone))


def stop_events(definition: Definition) -> frozenset[str]:
    """Event types that can end a run."""
    return frozenset(definition.stops)


def stop_rules_for(definition: Definition, event_type: str) -> tuple[tuple[int, StopOnEvent], ...]:
    """The rules that such an event may fulfil, each with its place in `stop`."""
    return definition.stops.get(event_type, ())


def stopping_rule(
    definition: Definition, event_type: str, *, same_order: bool, same_contact: bool, facts: Facts
) -> tuple[int, StopOnEvent] | None:
    """The rule by which an event ends a run of the same order or contact, and its place in `stop`; else None."""
    for place, rule in stop_rules_for(definition, event_type):
        concerns = same_order if rule.match == "order" else same_contact
        if concerns and (rule.check is None or rule.check(facts).held):
            return place, rule
    return None


def unsubscribe_rules(definition: Definition) -> dict[str, int]:
    """The channels from which a contact who unsubscribes ends the run, each with the place of its rule in `stop`."""
    found: dict[str, int] = {}
    for place, rule in enumerate(definition.stop):
        if isinstance(rule, StopOnUnsubscribe):
            found.setdefault(rule.unsubscribed, place)
    return found


def match_awaited(
    step: WaitForStep, event_type: str, *, same_order: bool, same_contact: bool, facts: Facts
) -> Match | None:
    """Whether an event is the one that a run waits for; None when it is of another type, order or contact."""
    if event_type not in step.event or not (same_order if step.match == "order" else same_contact):
        return None
    if step.check is None:
        return Match(held=True, code=Code.SIGNALLED)
    held, because = step.check(facts)
    return Match(held, Code.SIGNALLED if held else Code.NOT_MATCHED, because)


class Listener(NamedTuple):
    """An automation that an event concerns."""

    automation_id: UUID
    definition: Definition


class Listeners:
    """Live automations by what they listen to, so that an event looks only at those that it concerns."""

    def __init__(self, live: Iterable[tuple[UUID, Definition]]) -> None:
        self._starting: dict[str, list[Listener]] = {}
        self._stopping: dict[str, list[Listener]] = {}
        self._awaiting: dict[str, list[tuple[Listener, WaitForStep]]] = {}
        self._unsubscribing: dict[str, list[Listener]] = {}
        for automation_id, definition in live:
            self._add(Listener(automation_id, definition))

    def starting(self, event_type: str) -> tuple[Listener, ...]:
        """Automations that such an event may start, in the order given."""
        return tuple(self._starting.get(event_type, ()))

    def stopping(self, event_type: str) -> tuple[Listener, ...]:
        """Automations whose runs such an event may end."""
        return tuple(self._stopping.get(event_type, ()))

    def awaiting(self, event_type: str) -> tuple[tuple[Listener, WaitForStep], ...]:
        """Steps at which a run may wait for such an event."""
        return tuple(self._awaiting.get(event_type, ()))

    def unsubscribing(self, channel: str) -> tuple[Listener, ...]:
        """Automations whose runs end when their contact unsubscribes from the channel."""
        return tuple(self._unsubscribing.get(channel, ()))

    def _add(self, listener: Listener) -> None:
        definition = listener.definition
        _note(self._starting, start_events(definition), listener)
        _note(self._stopping, definition.stops, listener)
        channels = [rule.unsubscribed for rule in definition.stop if isinstance(rule, StopOnUnsubscribe)]
        _note(self._unsubscribing, channels, listener)
        for step in each_step(definition.steps):
            if isinstance(step, WaitForStep):
                for event_type in dict.fromkeys(step.event):
                    self._awaiting.setdefault(event_type, []).append((listener, step))


def _note(index: dict[str, list[Listener]], names: Iterable[str] | Mapping[str, object], listener: Listener) -> None:
    for name in dict.fromkeys(names):
        index.setdefault(name, []).append(listener)
