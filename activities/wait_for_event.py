"""wait_for: from its beginning on an event finds the run; at its end the database says which way it goes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.library import Library
from activities.stopping import find_stop
from activities.waking import first_awaited
from automation.steps import WaitForStep
from automation.waits import due
from core.contracts import At, Planned
from core.settings import Settings
from core.waiting import Waited
from store.arrivals import WaitingRun, begin_waiting, end_waiting, record_arrivals
from store.events import events_after
from store.facts import facts_at_event, load_contacts
from store.run_context import RunContext, load_run, lock_run_and_order, run_facts
from store.session import Database
from store.step_results import find_result, record_results


@dataclass(frozen=True)
class AwaitActivities:
    """The two ends of a wait for an event."""

    database: Database
    library: Library
    settings: Settings

    @activity.defn
    async def begin_wait_for(self, at: At) -> Planned:
        """Store what is awaited and until when, then look whether it came while that was being written."""
        async with self.database.transaction() as session:
            await lock_run_and_order(session, at.run_id)
            context = await load_run(session, at.run_id, at.version_id)
            if stop := await find_stop(session, self.library, context, at.now):
                return Planned(stop=stop)
            step = await self._step(session, context, at.step_id)
            facts = await run_facts(session, context, order_version=at.order_version, now=at.now)
            planned = due(
                step,
                at.now,
                contact_zone=facts["contact"].get("timeZone"),
                account_zone=self.settings.account_zone,
                facts=facts,
            )
            await begin_waiting(session, at.run_id, at.step_id, match=step.match, types=step.event, due_at=planned.at)
        # an event whose decisions were made before the commit above did not find the run; it is there by now
        async with self.database.transaction() as session:
            arrived = await self._arrived(session, await load_run(session, at.run_id, at.version_id), at.now)
        return Planned(due_at=planned.at, note="; ".join(planned.notes), arrived=arrived)

    @activity.defn
    async def end_wait_for(self, at: At) -> Waited:
        """`then` when the event came, `else` when it did not; the run waits no longer."""
        async with self.database.transaction() as session:
            await lock_run_and_order(session, at.run_id)
            context = await load_run(session, at.run_id, at.version_id)
            if stop := await find_stop(session, self.library, context, at.now):
                return Waited(stop=stop)
            before = await find_result(session, at.run_id, at.step_id)
            if before is not None:
                return Waited(branch=before["branch"])
            arrived = await self._arrived(session, context, at.now)
            if arrived:
                context = await load_run(session, at.run_id, at.version_id)
            branch = "then" if arrived else "else"
            event_id = context.row["awaited_event_id"]
            await record_results(session, at.run_id, {at.step_id: {"branch": branch}}, event_id=event_id)
            await end_waiting(session, at.run_id)
            return Waited(branch=branch)

    async def _arrived(self, session: AsyncSession, context: RunContext, now: datetime) -> bool:
        """Whether the awaited event is there, also when its own decisions are still to be made."""
        row = context.row
        if row["awaited_event_id"] is not None:
            return True
        if row["awaited_step"] is None:
            return False
        step = await self._step(session, context, row["awaited_step"])
        found = await events_after(
            session,
            row["awaited_after"],
            frozenset(step.event),
            order_id=row["order_id"],
            contact_id=row["contact_id"],
        )
        contact = row["contact_id"]
        contacts = await load_contacts(session, {contact} if found and contact else set())
        run = WaitingRun(
            context.id,
            row["automation_id"],
            context.version_id,
            row["order_id"],
            contact,
            step.id,
            row["awaited_after"],
        )
        flow = await self.library.flow(session, context.version_id)
        come = first_awaited(run, flow, found, lambda event: facts_at_event(event, contacts.get(contact), now))
        if come is not None:
            await record_arrivals(session, {context.id: come[0]["id"]})
        return come is not None

    async def _step(self, session: AsyncSession, context: RunContext, step_id: str) -> WaitForStep:
        step = (await self.library.flow(session, context.version_id)).steps.get(step_id)
        if not isinstance(step, WaitForStep):
            raise ApplicationError(f"step {step_id} waits for no event", non_retryable=True)
        return step
