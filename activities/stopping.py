"""Whether a run has to stop, asked of the database: by itself at each step, and in the last look before a send."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from activities.library import Library
from automation.matching import stop_events, stopping_rule
from core.contracts import Stop, StopKind
from store.facts import event_facts, load_contacts
from store.run_context import RunContext, later_events


async def find_stop(session: AsyncSession, library: Library, context: RunContext, now: datetime) -> Stop | None:
    """Why this run must end: what was recorded, or a stop rule that an event after the run's own fulfils.

    The events count as soon as they are committed, whether or not ProcessEvents has seen them.
    """
    row = context.row
    if row["stop"]:
        return Stop.model_validate(row["stop"])
    if context.ended:
        return Stop(kind=StopKind.OPERATOR, reason=f"the run is {row['state']} already")
    flow = await library.flow(session, context.version_id)
    found = await later_events(session, context, frozenset(stop_events(flow.definition)))
    contacts = await load_contacts(session, {row["contact_id"]} if found and row["contact_id"] else set())
    for event in found:
        facts = {
            "order": event["snapshot"] or {},
            "event": event_facts(event),
            "contact": contacts.get(row["contact_id"], {}),
            "run": {"now": now.isoformat()},
        }
        rule = stopping_rule(
            flow.definition,
            event["event_type"],
            same_order=event["order_id"] is not None and event["order_id"] == row["order_id"],
            same_contact=event["contact_id"] is not None and event["contact_id"] == row["contact_id"],
            facts=facts,
        )
        if rule is not None:
            return Stop(kind=StopKind.RULE, reason=f"{event['event_type']} came", event_id=event["id"])
    return None
