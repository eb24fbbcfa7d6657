"""Events that runs wait for find them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from activities.library import Library
from automation.interpreter import Flow
from automation.matching import Match, match_awaited
from automation.steps import WaitForStep
from store.arrivals import WaitingRun, record_arrivals, waiting_runs
from store.decisions import NewDecision
from store.tables.event import Effect
from store.tables.run import Outcome

Event = dict[str, Any]  # Any: a row of order_event


async def wake(
    session: AsyncSession,
    library: Library,
    events: Sequence[Event],
    facts: Callable[[Event], Mapping[str, Any]],
    stopped: Collection[UUID],
) -> list[NewDecision]:
    """Note at each run the first event that it waits for; a run that the same batch ends is left alone."""
    acting = [event for event in events if event["effect"] == Effect.ACTS]
    found = await waiting_runs(
        session,
        {event["event_type"] for event in acting},
        {event["order_id"] for event in acting if event["order_id"]},
        {event["contact_id"] for event in acting if event["contact_id"]},
    )
    if not found:
        return []
    flows = await library.flows(session, {run.version_id for run in found})
    arrived: dict[UUID, UUID] = {}
    told: list[NewDecision] = []
    for run in found:
        come = None if run.id in stopped else first_awaited(run, flows[run.version_id], acting, facts)
        if come is not None:
            event, match = come
            arrived[run.id] = event["id"]
            why = match.reason | {"event": event["event_type"], "step": run.awaited_step}
            told.append(NewDecision(event["id"], run.automation_id, run.version_id, Outcome.SIGNALLED, why, run.id))
    await record_arrivals(session, arrived)
    return told


def first_awaited(
    run: WaitingRun, flow: Flow, events: Sequence[Event], facts: Callable[[Event], Mapping[str, Any]]
) -> tuple[Event, Match] | None:
    """The first event that the run waits for, and why it is the one."""
    step = flow.steps.get(run.awaited_step)
    if not isinstance(step, WaitForStep):
        return None
    for event in events:
        if event["seq"] <= run.awaited_after:
            continue
        match = match_awaited(
            step,
            event["event_type"],
            same_order=event["order_id"] is not None and event["order_id"] == run.order_id,
            same_contact=event["contact_id"] is not None and event["contact_id"] == run.contact_id,
            facts=facts(event),
        )
        if match is not None and match.held:
            return event, match
    return None
