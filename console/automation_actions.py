"""What can be done with an automation: pause, resume, archive."""

from uuid import UUID

from nicegui import ui
from sqlalchemy.ext.asyncio import AsyncSession

from api.automation_tasks import end_runs, release_runs
from console.asking import Field, Given, asking
from console.shell import action
from console.text import number, tr
from console.visit import Visit
from core.process import sweep_soon
from store import automations as stored
from store.revising import places
from store.tables import Automation
from store.tables.automation import AutomationState
from store.tables.user import Role

_ACTIONS = {
    AutomationState.LIVE: "automation.resume",
    AutomationState.PAUSED: "automation.pause",
    AutomationState.ARCHIVED: "automation.archive",
}
_ARCHIVE = "archive"


async def open_runs(session: AsyncSession, automation_id: UUID) -> int:
    """How many are under way."""
    return sum(one.runs for one in await places(session, automation_id))


def offer(visit: Visit, found: Automation, running: int) -> None:
    """The buttons that a marketer may press; nothing can be done with what is archived."""
    if not visit.may(Role.MARKETER) or found.state == AutomationState.ARCHIVED:
        return
    if found.state == AutomationState.PAUSED:
        ui.button(tr("Resume"), on_click=action(lambda: _set(visit, found, AutomationState.LIVE))).props("outline")
    elif found.state == AutomationState.LIVE:
        ui.button(tr("Pause"), on_click=action(lambda: _set(visit, found, AutomationState.PAUSED))).props("outline")

    async def archive(_given: Given) -> str:
        return await _set(visit, found, AutomationState.ARCHIVED)

    text = tr("{count} running runs end before their next message. What is archived stays so.", count=number(running))
    word = Field(tr("Write {word} to confirm", word=_ARCHIVE), must_be=_ARCHIVE)
    asking(tr("Archive"), text, archive, {"word": word}, danger=True)


async def _set(visit: Visit, found: Automation, wanted: AutomationState) -> str:
    async with visit.act(Role.MARKETER, _ACTIONS[wanted], f"automation:{found.name}") as session:
        changed = await stored.find_locked(session, str(found.id))
        await stored.set_state(session, changed, wanted)
    client = visit.services.client
    await sweep_soon(client)
    if wanted == AutomationState.LIVE:
        await release_runs(client, changed)
    elif wanted == AutomationState.ARCHIVED:
        await end_runs(client, changed)
    ui.navigate.to(f"/automations/{found.id}")
    return tr("{name} is {state} now.", name=found.name, state=wanted.value)
