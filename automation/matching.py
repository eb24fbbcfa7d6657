"""Which events start an automation, which end its runs, and what makes a launch unique."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from automation.conditions import Facts
from automation.definition import Definition
from automation.reasons import Code, because_reason, reason
from automation.rules import StopOnEvent, UniqueWithin


@dataclass(frozen=True, slots=True)
class Match:
    """Whether an event starts an automation, and the reason as it is stored."""

    held: bool
    reason: dict[str, Any]


def match_start(definition: Definition, event_type: str, effect: str, facts: Facts) -> Match | None:
    """Whether an event starts the automation; None when it does not listen to such events.

    Of the effects only `acts` starts everything; `unchanged` starts what asks for each time.
    """
    if event_type not in definition.start.event:
        return None
    if effect != "acts" and not (effect == "unchanged" and definition.start.unique == "each_time"):
        return Match(held=False, reason=reason(Code.NO_EFFECT, effect=effect))
    if definition.start.check is None:
        return Match(held=True, reason=reason(Code.STARTED))
    held, because = definition.start.check(facts)
    return Match(held, because_reason(Code.STARTED if held else Code.NOT_MATCHED, because))


def stop_events(definition: Definition) -> frozenset[str]:
    """Event types that can end a run."""
    return frozenset(event for rule in _rules(definition) for event in rule.event)


def stopping_rule(
    definition: Definition, event_type: str, *, same_order: bool, same_contact: bool, facts: Facts
) -> str | None:
    """The rule by which an event ends a run of the same order or contact: `order` or `contact`; None if none does."""
    for rule in _rules(definition):
        concerns = same_order if rule.match == "order" else same_contact
        if concerns and event_type in rule.event and (rule.check is None or rule.check(facts).held):
            return rule.match
    return None


def dedupe_key(
    definition: Definition,
    *,
    automation_id: UUID,
    event_id: UUID,
    event_type: str,
    order_id: UUID | None,
    contact_id: UUID | None,
) -> str:
    """What the database keeps unique. Without the order or contact that the rule asks for, the event stands in."""
    unique = definition.start.unique
    owner: Mapping[str, tuple[UUID | None, str]] = {
        "once_per_status": (order_id, event_type),
        "once_per_order": (order_id, ""),
        "once_per_contact": (contact_id, ""),
    }
    rule = "each_time" if isinstance(unique, UniqueWithin) else unique
    who, what = owner.get(rule, (None, ""))
    key = f"event:{event_id}" if who is None else f"{who}:{what}" if what else str(who)
    return f"{rule}:{automation_id}:{key}"


def _rules(definition: Definition) -> tuple[StopOnEvent, ...]:
    return tuple(rule for rule in definition.stop if isinstance(rule, StopOnEvent))
