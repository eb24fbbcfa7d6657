"""What can be done with an automation: pause, resume, archive."""

from nicegui import ui

from api.automation_states import change_state
from console.asking import Field, Given, asking
from console.shell import action
from console.text import number, tr
from console.told import go
from console.visit import Visit
from store.tables import Automation
from store.tables.automation import AutomationState
from store.tables.user import Role

_ARCHIVE = "archive"


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
    user = await visit.acting(Role.MARKETER)
    services = visit.services
    done = await change_state(services.database, services.client, str(found.id), wanted, actor=f"user:{user.email}")
    said = tr("{name} is {state} now.", name=found.name, state=wanted.value)
    if done.told is False:
        said += " " + tr("Temporal does not answer: do it again to tell its runs.")
    return go(visit, f"/automations/{found.id}", said)
