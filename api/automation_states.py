"""Pause, resume and archive: the one way on which HTTP, the command line and the console do it."""

from dataclasses import dataclass

from temporalio.client import Client

from api.automation_tasks import end_runs, release_runs
from core.process import sweep_soon
from store import automations
from store.audit import record_audit
from store.session import Database
from store.tables import Automation
from store.tables.automation import AutomationState

_ACTIONS = {
    AutomationState.LIVE: "automation.resume",
    AutomationState.PAUSED: "automation.pause",
    AutomationState.ARCHIVED: "automation.archive",
}


@dataclass(frozen=True)
class StateChanged:
    """What came of it. `told` says whether running runs hear of it; None when they need not, False without Temporal."""

    automation: Automation
    changed: bool
    told: bool | None


async def change_state(
    database: Database, client: Client, name: str, state: AutomationState, *, actor: str
) -> StateChanged:
    """Store the state, with its line in the audit log, then let runs that are held or open hear of it.

    The same again tells them again: what Temporal missed is made good so. Raises NotFoundError, ConflictError.
    """
    async with database.transaction() as session:
        found = await automations.find_locked(session, name)
        changed = await automations.set_state(session, found, state)
        if changed:
            subject = f"automation:{found.name}"
            await record_audit(session, actor=actor, action=_ACTIONS[state], subject=subject)
    if changed:
        await sweep_soon(client)
    match state:
        case AutomationState.LIVE:
            return StateChanged(found, changed, await release_runs(client, found))
        case AutomationState.ARCHIVED:
            return StateChanged(found, changed, await end_runs(client, found))
        case _:
            return StateChanged(found, changed, None)
