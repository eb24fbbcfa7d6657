"""What each event of a batch means for each live automation, stored with the reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.admission import Admission, Event, Wanted
from activities.dispatch import AT_ONCE
from activities.library import Library
from activities.waking import wake
from activities.wanting import Matcher
from automation.reasons import Code, reason
from core.contracts import Batches, Decided
from store import admission, decisions, events, runs
from store.automations import Live, live_automations
from store.decisions import NewDecision
from store.facts import facts_at_event, load_contacts
from store.ids import new_ids
from store.session import Database
from store.tables.event import Effect
from store.tables.run import Outcome


@dataclass(frozen=True)
class DecideActivities:
    """Events × automations."""

    database: Database
    library: Library
    zone: str = "UTC"
    """The account's, in which a window of calendar days is counted."""
    _matcher: Matcher = field(default_factory=Matcher)

    @activity.defn
    async def decide(self, batches: Batches) -> Decided:
        """Decisions, runs and stops of the batches, in one transaction. Batches decided before are left alone."""
        now = datetime.now(UTC)
        async with self.database.transaction() as session:
            undecided = await events.undecided_events(session, batches.batch_ids)
            live = await live_automations(session)
            if undecided:
                await self._decide(session, undecided, live, now)
            await events.mark_decided(session, batches.batch_ids, [one.version_id for one in live], now)
            await runs.end_unstarted(session, batches.batch_ids, now)
            started, stopped, woken = await runs.count_consequences(session, batches.batch_ids)
            if not started and not stopped and not woken:
                await events.mark_done(session, batches.batch_ids, now)
        few = started + stopped + woken <= AT_ONCE
        return Decided(started=started, stopped=stopped, woken=woken, at_once=few)

    async def _decide(
        self, session: AsyncSession, undecided: Sequence[Event], live: Sequence[Live], now: datetime
    ) -> None:
        """A handful of statements, however many events there are."""
        flows = await self.library.flows(session, [one.version_id for one in live])
        contacts = await load_contacts(session, {e["contact_id"] for e in undecided if e["contact_id"]})
        facts = _remembered(contacts, now)
        matched = self._matcher.match(undecided, live, flows, facts)
        wanted = matched.all
        await admission.lock_launches(session, {key for one in wanted for key in one.guards})
        world = Admission(
            taken=await runs.runs_by_key(session, {one.key for one in wanted}),
            flows=flows,
            facts=facts,
            ids=iter(await new_ids(session, len(wanted))),
            zone=self.zone,
        )
        windows = [window for one in wanted if (window := one.window(self.zone))]
        recent = await admission.recent_runs(session, windows)
        open_runs = await runs.open_runs(
            session,
            {event["order_id"] for event in undecided if event["order_id"]},
            {event["contact_id"] for event in undecided if event["contact_id"]},
        )
        world.flows = flows | await self.library.flows(session, {run.version_id for run in open_runs} - flows.keys())
        world.know(open_runs, recent)
        overtaking = await _overtaking(session, undecided, wanted)
        own = {event["id"] for event in undecided}
        for event in sorted([*undecided, *overtaking], key=_seq):
            if event["id"] not in own:
                world.stop_by(event, only_new=True)
                continue
            if event["effect"] == Effect.ACTS:
                world.stop_by(event)
            for one in matched.wanted.get(event["id"], ()):
                world.admit(one)
        world.decisions.extend(await wake(session, self.library, undecided, facts, world.stops.keys()))
        await decisions.insert_unmatched(session, matched.unmatched)
        await _store(session, world)


async def _overtaking(session: AsyncSession, undecided: Sequence[Event], wanted: Sequence[Wanted]) -> list[Event]:
    """Events of other batches that came after these and may end what these start."""
    types = {event_type for one in wanted for event_type in one.flow.definition.stops}
    found = await events.events_overtaking(
        session,
        min((one.event["seq"] for one in wanted), default=0),
        types,
        order_ids={one.event["order_id"] for one in wanted if one.event["order_id"]},
        contact_ids={one.event["contact_id"] for one in wanted if one.event["contact_id"]},
    )
    own = {event["id"] for event in undecided}
    return [event for event in found if event["id"] not in own]


async def _store(session: AsyncSession, world: Admission) -> None:
    """Write runs, stops and decisions.

    A key without a guard may have been taken by another transaction meanwhile: then that run is the one, and it looks
    itself, at its first step, for the events that would have stopped ours.
    """
    made = await runs.insert_runs(session, [run for _, run in world.made])
    lost = {run.id: run.dedupe_key for _, run in world.made if run.id not in made}
    winners = await runs.runs_by_key(session, set(lost.values()))
    stops = [(run_id, stop.model_dump(mode="json"), by) for run_id, (stop, by) in world.stops.items()]
    await runs.record_stops(session, [one for one in stops if one[0] not in lost])
    await decisions.insert_decisions(
        session, [told for one in world.decisions if (told := _as_it_came(one, lost, winners))]
    )


def _as_it_came(one: NewDecision, lost: Mapping[UUID, str], winners: Mapping[str, UUID]) -> NewDecision | None:
    key = lost.get(one.run_id) if one.run_id else None
    if key is None:
        return one
    if one.outcome == Outcome.STOPPED:
        return None
    why = reason(Code.SUPPRESSED, unique=key.partition(":")[0], run=str(winners[key]))
    return NewDecision(one.event_id, one.automation_id, one.version_id, Outcome.SUPPRESSED, why, winners[key])


def _remembered(contacts: Mapping[UUID, dict[str, Any]], now: datetime) -> Callable[[Event], dict[str, Any]]:
    """Facts of an event, put together once."""
    known: dict[UUID, dict[str, Any]] = {}

    def facts(event: Event) -> dict[str, Any]:
        found = known.get(event["id"])
        if found is None:
            found = known[event["id"]] = facts_at_event(event, contacts.get(event["contact_id"]), now)
        return found

    return facts


def _seq(event: Event) -> int:
    return int(event["seq"])
