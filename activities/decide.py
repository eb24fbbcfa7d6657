"""What each event of a batch means for each live automation, stored with the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.library import Library
from activities.stopping import rule_that_stops
from automation.interpreter import Flow
from automation.matching import dedupe_key, match_start
from automation.reasons import Code, reason
from core.contracts import Batches, Decided, Stop, StopKind
from store import decisions, events, runs
from store.automations import Live, live_automations
from store.decisions import NewDecision
from store.facts import facts_at_event, load_contacts
from store.runs import NewRun
from store.session import Database
from store.tables.event import Effect
from store.tables.run import Outcome

Event = dict[str, Any]  # Any: a row of order_event


@dataclass
class _Wanted:
    """A launch before the database has said whether its dedupe_key is free."""

    event: Event
    live: Live
    run: NewRun
    because: dict[str, Any]


@dataclass
class _Verdicts:
    """What deciding a batch found out."""

    wanted: list[_Wanted] = field(default_factory=list)
    decisions: list[NewDecision] = field(default_factory=list)


@dataclass(frozen=True)
class DecideActivities:
    """Events × automations."""

    database: Database
    library: Library

    @activity.defn
    async def decide(self, batches: Batches) -> Decided:
        """Decisions, runs and stops of the batches, in one transaction. Batches decided before are left alone."""
        now = datetime.now(UTC)
        async with self.database.transaction() as session:
            await events.lock_batches(session, batches.batch_ids)
            undecided = await events.undecided_events(session, batches.batch_ids)
            live = await live_automations(session)
            if undecided:
                await self._decide(session, undecided, live, now)
            await events.mark_decided(session, batches.batch_ids, [one.version_id for one in live], now)
            await runs.end_unstarted(session, batches.batch_ids, now)
            started = len(await runs.launches(session, batches.batch_ids))
            stopped = len(await runs.stop_signals(session, batches.batch_ids))
            if not started and not stopped:
                await events.mark_done(session, batches.batch_ids, now)
        return Decided(started=started, stopped=stopped)

    async def _decide(
        self, session: AsyncSession, undecided: Sequence[Event], live: Sequence[Live], now: datetime
    ) -> None:
        flows = await self.library.flows(session, [one.version_id for one in live])
        contacts = await load_contacts(session, {e["contact_id"] for e in undecided if e["contact_id"]})
        verdicts = _Verdicts()
        for event in undecided:
            facts = facts_at_event(event, contacts.get(event["contact_id"]), now)
            for one in live:
                _consider(verdicts, event, one, flows[one.version_id], facts)
        await self._launch(session, verdicts)
        await self._stop(session, undecided, contacts, verdicts, now)
        await decisions.insert_decisions(session, verdicts.decisions)

    async def _launch(self, session: AsyncSession, verdicts: _Verdicts) -> None:
        """Make the runs whose key is new; a refused launch is a decision too."""
        made = await runs.insert_runs(session, [one.run for one in verdicts.wanted])
        taken = await runs.runs_by_key(session, {one.run.dedupe_key for one in verdicts.wanted} - made.keys())
        for one in verdicts.wanted:
            key = one.run.dedupe_key
            run_id = made.pop(key, None)  # of two with one key the first is the one that was made
            if run_id is not None:
                taken[key] = run_id
                outcome, why = Outcome.STARTED, one.because
            else:
                outcome = Outcome.SUPPRESSED
                why = reason(Code.SUPPRESSED, unique=key.partition(":")[0], run=str(taken[key]))
            verdicts.decisions.append(
                NewDecision(one.event["id"], one.live.id, one.live.version_id, outcome, why, taken[key])
            )

    async def _stop(
        self,
        session: AsyncSession,
        undecided: Sequence[Event],
        contacts: Mapping[UUID, dict[str, Any]],
        verdicts: _Verdicts,
        now: datetime,
    ) -> None:
        """Tell the runs to stop that a rule of their own version names, each by the first such event."""
        acting = [event for event in undecided if event["effect"] == Effect.ACTS]
        candidates = await runs.open_runs(
            session,
            {event["order_id"] for event in acting if event["order_id"]},
            {event["contact_id"] for event in acting if event["contact_id"]},
        )
        flows = await self.library.flows(session, {run.version_id for run in candidates})
        stops: dict[UUID, tuple[UUID, dict[str, Any], UUID | None]] = {}
        noted: set[tuple[UUID, UUID]] = set()
        for event in acting:
            facts = facts_at_event(event, contacts.get(event["contact_id"]), now)
            for run in candidates:
                if run.id in stops or event["seq"] <= run.event_seq:
                    continue
                rule = rule_that_stops(
                    flows[run.version_id], event, order_id=run.order_id, contact_id=run.contact_id, facts=facts
                )
                if rule is None:
                    continue
                why = reason(Code.STOPPED, event=event["event_type"], key=event["event_key"], match=rule)
                stop = Stop(kind=StopKind.RULE, reason=f"{event['event_type']} came", event_id=event["id"])
                stops[run.id] = (run.id, stop.model_dump(mode="json"), event["id"])
                if (event["id"], run.automation_id) not in noted:
                    noted.add((event["id"], run.automation_id))
                    verdicts.decisions.append(
                        NewDecision(event["id"], run.automation_id, run.version_id, Outcome.STOPPED, why, run.id)
                    )
        await runs.record_stops(session, list(stops.values()))


def _consider(verdicts: _Verdicts, event: Event, live: Live, flow: Flow, facts: Mapping[str, Any]) -> None:
    match = match_start(flow.definition, event["event_type"], event["effect"], facts)
    if match is None:
        return  # listens to other events; told from the batch's list of versions
    if not match.held:
        verdicts.decisions.append(NewDecision(event["id"], live.id, live.version_id, Outcome.NOT_MATCHED, match.reason))
        return
    key = dedupe_key(
        flow.definition,
        automation_id=live.id,
        event_id=event["id"],
        event_type=event["event_type"],
        order_id=event["order_id"],
        contact_id=event["contact_id"],
    )
    run = NewRun(live.id, live.version_id, event["id"], event["seq"], event["order_id"], event["contact_id"], key)
    verdicts.wanted.append(_Wanted(event, live, run, match.reason | ({"held": True} if live.paused else {})))
