"""Whether a run has to stop, asked of the database: by itself at each step, and in the last look before a send."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from activities.library import Library
from automation.interpreter import Flow
from automation.matching import stop_events, stopping_rule, unsubscribe_rules
from automation.rules import StopOnEvent
from core.contracts import Stop, StopKind
from store.facts import facts_at_event, load_contacts
from store.run_context import RunContext, later_events
from store.suppressions import channels_left


async def find_stop(
    session: AsyncSession, library: Library, context: RunContext, now: datetime, *, may_have_ended: bool = False
) -> Stop | None:
    """Why this run must end: what was recorded, or a stop rule that an event after the run's own fulfils.

    The events count as soon as they are committed, whether or not ProcessEvents has seen them.
    """
    row = context.row
    if row["stop"]:
        return Stop.model_validate(row["stop"])
    if context.ended and not may_have_ended:
        return Stop(kind=StopKind.OPERATOR, reason=f"the run is {row['state']} already")
    flow = await library.flow(session, context.version_id)
    found = await later_events(session, context, frozenset(stop_events(flow.definition)))
    contacts = await load_contacts(session, {row["contact_id"]} if found and row["contact_id"] else set())
    for event in found:
        facts = facts_at_event(event, contacts.get(row["contact_id"]), now)
        rule = rule_that_stops(flow, event, order_id=row["order_id"], contact_id=row["contact_id"], facts=facts)
        if rule is not None:
            return stop_by_rule(event, rule[0])
    return await _left(session, flow, context)


async def _left(session: AsyncSession, flow: Flow, context: RunContext) -> Stop | None:
    """The stop of a contact who had unsubscribed before the run was there to be told."""
    rules, contact_id = unsubscribe_rules(flow.definition), context.row["contact_id"]
    if not rules or contact_id is None or context.row["test"]:
        return None
    left = await channels_left(session, contact_id, rules)
    return next((Stop.by_leaving(channel, place) for channel, place in rules.items() if channel in left), None)


def stop_by_rule(event: Mapping[str, Any], place: int) -> Stop:
    """What is recorded with a run that an event ends by the rule at this place."""
    return Stop(kind=StopKind.RULE, reason=f"{event['event_type']} came", event_id=event["id"], rule=f"stop[{place}]")


def rule_that_stops(
    flow: Flow, event: Mapping[str, Any], *, order_id: UUID | None, contact_id: UUID | None, facts: Mapping[str, Any]
) -> tuple[int, StopOnEvent] | None:
    """The rule by which an event ends a run of this order and contact, with its place; None if it does not."""
    return stopping_rule(
        flow.definition,
        event["event_type"],
        same_order=event["order_id"] is not None and event["order_id"] == order_id,
        same_contact=event["contact_id"] is not None and event["contact_id"] == contact_id,
        facts=facts,
    )
