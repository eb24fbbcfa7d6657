"""Steps of a run that only touch PostgreSQL: short transactions, run as local activities."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.library import Library
from activities.stopping import find_stop
from automation.choices import Choice, choose
from automation.interpreter import GetOrder, Wait
from automation.steps import WaitForStep
from automation.template import fill
from automation.waits import due
from core.contracts import NO_ORDER, Adoption, At, Chosen, Ended, Loaded, Planned, StopKind
from core.settings import Settings
from core.waiting import Moved
from store import runs
from store.arrivals import wait_for_others
from store.facts import event_facts
from store.run_context import RunContext, load_run, lock_run_and_order, run_facts
from store.seen_order import SeenOrder, find_order, record_other, record_own
from store.session import Database
from store.step_results import record_results
from store.tables.run import RunState


@dataclass(frozen=True)
class RunActivities:
    """What a run reads and writes between its messages. Each first asks whether the run has to stop."""

    database: Database
    library: Library
    settings: Settings

    @activity.defn
    async def get_order(self, at: At) -> Loaded:
        """The version of the order that the run sees from now on."""
        async with self.database.transaction() as session:
            context = await load_run(session, at.run_id, at.version_id)
            if stop := await find_stop(session, self.library, context, at.now):
                return Loaded(stop=stop)
            effect = (await self.library.flow(session, context.version_id)).effect(at.step_id)
            step = effect.step if isinstance(effect, GetOrder) else None
            if step is None or not (step.order_id or step.external_id or _without_order(context)):
                version = context.order_version
                own = SeenOrder(context.row["order_id"], version) if version is not None else None
                await record_own(session, at.run_id, at.step_id, own)
                return Loaded(order_version=version)
            params = event_facts(context.row)
            found = await find_order(
                session,
                order_id=fill(step.order_id, params) if step.order_id else None,
                external_id=fill(step.external_id, params) if step.external_id else None,
                contact_id=context.row["contact_id"],
            )
            await record_other(session, at.run_id, at.step_id, found)
            return Loaded(order_version=found.version if found else NO_ORDER)

    @activity.defn
    async def choose(self, at: At) -> Chosen:
        """The branches that a chain of conditions takes."""
        async with self.database.transaction() as session:
            context = await load_run(session, at.run_id, at.version_id)
            if stop := await find_stop(session, self.library, context, at.now):
                return Chosen(stop=stop)
            await runs.set_step(session, at.run_id, at.step_id)
            flow = await self.library.flow(session, context.version_id)
            facts = await run_facts(session, context, order_version=at.order_version, now=at.now)
            contact = str(context.row["contact_id"] or context.id)
            path = choose(flow, at.step_id, facts, contact_key=contact)
            await record_results(session, at.run_id, {one.step_id: _result(one) for one in path.choices})
            return Chosen(path=path.pairs)

    @activity.defn
    async def plan_wait(self, at: At) -> Planned:
        """The due moment of a wait, computed once and stored."""
        async with self.database.transaction() as session:
            context = await load_run(session, at.run_id, at.version_id)
            if stop := await find_stop(session, self.library, context, at.now):
                return Planned(stop=stop)
            flow = await self.library.flow(session, context.version_id)
            facts = await run_facts(session, context, order_version=at.order_version, now=at.now)
            effect = flow.effect(at.step_id)
            if not isinstance(effect, Wait):
                raise ApplicationError(f"step {at.step_id} is no wait", non_retryable=True)
            planned = due(
                effect.step,
                at.now,
                contact_zone=facts["contact"].get("timeZone"),
                account_zone=self.settings.account_zone,
                account_country=self.settings.account_country,
                facts=facts,
            )
            await runs.set_step(session, at.run_id, at.step_id, planned.at)
            return Planned(due_at=planned.at, note="; ".join(planned.notes))

    @activity.defn
    async def adopt(self, adoption: Adoption) -> None:
        """From now on the run is one of another version. If it waits for an event, then for that of this version."""
        async with self.database.transaction() as session:
            await lock_run_and_order(session, adoption.run_id)
            await runs.set_version(session, adoption.run_id, adoption.version_id)
            step_id = (await load_run(session, adoption.run_id)).row["awaited_step"]
            step = (await self.library.flow(session, adoption.version_id)).steps.get(step_id) if step_id else None
            if isinstance(step, WaitForStep):
                await wait_for_others(session, adoption.run_id, step.id, match=step.match, types=step.event)

    @activity.defn
    async def move_wait(self, moved: Moved) -> None:
        """An operator gave a wait another due moment."""
        async with self.database.transaction() as session:
            await runs.set_step(session, moved.run_id, moved.step_id, moved.due_at)

    @activity.defn
    async def finish_run(self, ended: Ended) -> str:
        """Close the run: `done`, or `stopped` with the reason."""
        state = RunState.STOPPED if ended.stop else RunState.DONE
        event_id = ended.stop.event_id if ended.stop else None
        async with self.database.transaction() as session:
            stop = await _told(session, ended)
            closed = await runs.end_run(
                session, ended.run_id, state=state, now=ended.now, stop=stop, stop_event_id=event_id
            )
            return state if closed else str((await load_run(session, ended.run_id)).row["state"])


async def _told(session: AsyncSession, ended: Ended) -> dict[str, Any] | None:  # Any: JSON
    """Why the run ends, as it is kept: the reason that a stop step gives may name parameters of the event."""
    stop = ended.stop
    if stop is None:
        return None
    if stop.kind == StopKind.STEP:
        params = event_facts((await load_run(session, ended.run_id)).row)
        stop = stop.model_copy(update={"reason": fill(stop.reason, params)})
    return stop.model_dump(mode="json")


def _without_order(context: RunContext) -> bool:
    """Whether neither the event has an order nor, pasted for a test, a snapshot of one."""
    return context.row["order_id"] is None and context.row["snapshot"] is None


def _result(choice: Choice) -> dict[str, Any]:  # Any: JSON
    """The branch, and for who looks at the run what decided."""
    return {"branch": choice.branch} | ({"because": choice.because.as_json()} if choice.because else {})
