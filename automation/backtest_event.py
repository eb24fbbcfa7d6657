"""What a backtest is fed with, and which of it a definition needs: everything else is not even read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from automation.action_steps import SendStep
from automation.condition import Op
from automation.fields import Facts
from automation.flow import Flow
from automation.model import Definition, definition_json
from automation.rules import StopOnEvent
from automation.steps import WaitForStep

EVENT_OF_ORDER = ("externalOrderId", "status", "externalCustomerId", "email", "phone")
"""Fields of the order from which the parameters of an order's event follow."""


_CLOCK = frozenset({Op.BEFORE, Op.AFTER, Op.WITHIN})
"""Ops that count from now."""


class PastEvent(NamedTuple):
    """One stored event. `at` is when it became known: the virtual clock."""

    at: datetime
    seq: int
    type: str
    key: str
    effect: str
    id: UUID
    order_id: UUID | None
    contact_id: UUID | None
    snapshot: Facts | None
    """The fields of the order that the definition needs, after the event."""
    params: Facts | None
    occurred_at: datetime
    contact: Facts | None
    """The fields of the contact that the definition needs."""
    alone: bool = False
    """Known to be the last event that could start a run for its order or contact, so it need not be remembered."""


EventFacts: TypeAlias = Callable[[PastEvent], dict[str, Any]]  # JSON
"""How an event becomes the facts `event`; the store knows."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a definition reads."""

    types: tuple[str, ...]
    """Types of events that start, stop or wake."""
    starts: tuple[str, ...]
    looking: tuple[str, ...]
    """Types of events whose own order matters: those that start, and those that a condition is asked of."""
    order: tuple[str, ...]
    """Top-level fields of the order."""
    order_later: bool
    """Whether steps look at the order again, so that each of its versions matters."""
    event: bool
    contact: bool
    """More of the contact than its time zone."""
    steps: bool
    """Outcomes of earlier steps."""
    run: bool
    """What is known of the run itself, such as the clock."""
    channels: tuple[str, ...]
    """Whose addresses of the contact matter."""


def needs_of(flow: Flow) -> Needs:
    """Read off the definition's JSON: every text that looks like a path counts, so nothing is missed."""
    definition = flow.definition
    paths = set(_texts(definition_json(definition)))
    sends = [step for step in flow.steps.values() if isinstance(step, SendStep)]
    # an address or key may be made of parameters: `${email}`
    event = any(path.startswith("event.") or "${" in path for path in paths)
    order = {path.split(".")[1] for path in paths if path.startswith("order.")}
    document = definition_json(definition)
    steps_of = document["steps"]
    if _has_items(document):
        order.add("items")
    order_later = _has_items(steps_of) or any(path.startswith("order.") for path in _texts(steps_of))
    return Needs(
        types=tuple(sorted(_types(definition, flow))),
        starts=tuple(definition.start.event),
        looking=tuple(sorted(_looking(definition, flow))),
        order=tuple(sorted(order | (set(EVENT_OF_ORDER) if event else set()))),
        order_later=order_later,
        event=event,
        contact=any(path.startswith("contact.") for path in paths),
        steps=any(path.startswith("steps.") for path in paths)
        or any(step.kind == "check_message" for step in flow.steps.values()),
        run=any(path.startswith("run.") for path in paths) or not _CLOCK.isdisjoint(paths),
        channels=tuple(sorted({step.channel for step in sends if step.to is None})),
    )


def _types(definition: Definition, flow: Flow) -> set[str]:
    awaited = {event_type for step in flow.steps.values() if isinstance(step, WaitForStep) for event_type in step.event}
    return {*definition.start.event, *definition.stops, *awaited}


def _looking(definition: Definition, flow: Flow) -> set[str]:
    asked = set(definition.start.event)
    for one in (*definition.stop, *flow.steps.values()):
        if isinstance(one, (StopOnEvent, WaitForStep)) and one.where is not None:
            asked.update(one.event)
    return asked


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inner for text in _texts(each)]


def _has_items(value: object) -> bool:
    """Whether a condition looks at the items of the order."""
    if isinstance(value, dict):
        return "items" in value or any(map(_has_items, value.values()))
    return isinstance(value, list) and any(map(_has_items, value))
