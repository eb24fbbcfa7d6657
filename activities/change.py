"""Steps that change what we know: fields and segments of the contact, and events of our own. Each happens once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.library import Library
from activities.stopping import find_stop
from automation.action_steps import AddToSegmentStep, EmitStep, RemoveFromSegmentStep, UpdateContactStep
from automation.template import fill
from core.contracts import At, Passed
from core.errors import ConflictError, NotFoundError
from core.process import start_processing
from store import runs
from store.contact_fields import set_contact_fields
from store.custom_events import NewEvent, record_events
from store.facts import event_facts
from store.run_context import RunContext, load_run, lock_run_and_order
from store.segments import add_members, remove_members
from store.session import Database
from store.step_results import find_result, record_results


@dataclass(frozen=True)
class ChangeActivities:
    """update_contact, add_to_segment, remove_from_segment and emit."""

    database: Database
    library: Library
    client: Client

    @activity.defn
    async def change(self, at: At) -> Passed:
        """Make the change and keep its result, in one transaction. What was made before is left alone."""
        async with self.database.transaction() as session:
            await lock_run_and_order(session, at.run_id)
            context = await load_run(session, at.run_id, at.version_id)
            if stop := await find_stop(session, self.library, context, at.now):
                return Passed(stop=stop)
            if await find_result(session, at.run_id, at.step_id) is not None:
                return Passed()
            await runs.set_step(session, at.run_id, at.step_id)
            result, batch_id = await self._make(session, context, at.step_id)
            await record_results(session, at.run_id, {at.step_id: result})
        if batch_id is not None:
            await start_processing(self.client, [batch_id])
        return Passed()

    async def _make(
        self, session: AsyncSession, context: RunContext, step_id: str
    ) -> tuple[dict[str, Any], UUID | None]:  # Any: JSON
        row, step = context.row, (await self.library.flow(session, context.version_id)).steps[step_id]
        params = event_facts(row)
        match step:
            case UpdateContactStep():
                if row["contact_id"] is None or row["test"]:
                    return {"skipped": "a test changes no contact" if row["test"] else "the run has no contact"}, None
                await set_contact_fields(session, row["contact_id"], _filled(step.set, params))
                return {"changed": sorted(step.set)}, None
            case AddToSegmentStep() | RemoveFromSegmentStep():
                return await self._change_membership(session, context, step), None
            case EmitStep():
                if row["test"]:
                    return {"skipped": "a test emits nothing"}, None
                event = NewEvent(
                    event_type=step.event,
                    event_key=fill(step.key, params) if step.key else row["event_key"] or str(context.id),
                    params=_filled(step.params, params),
                    contact_id=row["contact_id"],
                    order_id=row["order_id"],
                    depth=row["depth"] + 1,
                )
                return {"event": event.event_type, "key": event.event_key}, await record_events(
                    session, "automation", [event]
                )
            case _:
                raise ApplicationError(f"step {step_id} changes nothing", non_retryable=True)

    async def _change_membership(
        self, session: AsyncSession, context: RunContext, step: AddToSegmentStep | RemoveFromSegmentStep
    ) -> dict[str, Any]:  # Any: JSON
        """The events of it are found by the sweeper."""
        contact_id, depth = context.row["contact_id"], context.row["depth"] + 1
        if contact_id is None or context.row["test"]:
            return {"skipped": "a test changes no segment" if context.row["test"] else "the run has no contact"}
        try:
            if isinstance(step, AddToSegmentStep):
                changed = await add_members(session, step.segment, [contact_id], source="automation", depth=depth)
            else:
                changed = await remove_members(session, step.segment, [contact_id], depth=depth)
        except (ConflictError, NotFoundError) as error:
            return {"failed": str(error)}
        return {"changed": bool(changed)}


def _filled(values: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:  # Any: JSON
    """The values with event parameters in place of `${name}`."""
    return {name: fill(value, params) if isinstance(value, str) else value for name, value in values.items()}
