"""Automations: what is live, its picture, its text; pause and resume."""

from markupsafe import Markup
from nicegui import ui

from automation.definition import Definition
from automation.picture import mermaid
from console.markup import cards, document, heading, link, moment, put, readable, state, table
from console.shell import action, page
from console.text import tr
from console.visit import Visit
from core.contracts import QUEUE, RESUME_WORKFLOW, AutomationRef, resume_automation_id
from store import automations as stored
from store.tables.automation import AutomationState
from store.tables.user import Role

_ACTIONS = {AutomationState.LIVE: "automation.resume", AutomationState.PAUSED: "automation.pause"}


@page("/automations", title="Automations")
async def automations(visit: Visit) -> None:
    """The list, by name."""
    async with visit.read() as session:
        found = await stored.list_all(session)
    zone = visit.services.settings.zone
    if visit.may(Role.MARKETER):
        put(
            Markup(
                '<p class="oc-row"><a class="oc-button oc-main-action" href="/builder">{}</a>'
                ' <a class="oc-button" href="/editor">{}</a></p>'
            ).format(tr("New automation"), tr("Write it as YAML"))
        )
    put(
        table(
            [tr(name) for name in ("Automation", "State", "Version", "Made")],
            [
                (
                    link(f"/automations/{row.id}", row.name),
                    state(row.state),
                    row.live_number,
                    moment(row.created_at, zone),
                )
                for row in found
            ],
            empty=tr(
                "No automations yet. Take a recipe: ordercue automations apply examples/automations/order-status.yaml"
            ),
        )
    )


@page("/automations/{automation_id}", title="Automation")
async def automation(visit: Visit) -> None:
    """One automation with the picture of its live version."""
    async with visit.read() as session:
        found = await stored.find(session, visit.path("automation_id"))
        live = await stored.version(session, found.id, found.live_number) if found.live_number else None
    if live is None:
        put(heading(found.name), cards({tr("state"): state(found.state)}))
        if visit.may(Role.MARKETER):
            put(Markup('<p><a class="oc-button" href="/builder?automation={}">{}</a></p>').format(found.id, tr("Edit")))
        return
    zone = visit.services.settings.zone
    put(
        heading(found.name),
        cards(
            {
                tr("state"): state(found.state),
                tr("live version"): live.number,
                tr("published"): moment(live.published_at, zone),
                tr("runs"): link(f"/runs?automation={found.name}", tr("show")),
            }
        ),
    )
    if visit.may(Role.MARKETER) and found.state != AutomationState.ARCHIVED:
        paused = found.state == AutomationState.PAUSED
        wanted = AutomationState.LIVE if paused else AutomationState.PAUSED
        name = str(found.id)
        put(
            Markup(
                '<p class="oc-row"><a class="oc-button oc-main-action" href="/builder?automation={0}">{1}</a>'
                ' <a class="oc-button" href="/editor?automation={0}">{2}</a></p>'
            ).format(found.id, tr("Edit"), tr("Edit as YAML"))
        )
        ui.button(tr("Resume") if paused else tr("Pause"), on_click=action(lambda: _set(visit, name, wanted)))
    ui.mermaid(mermaid(Definition.model_validate(live.definition))).classes("w-full")
    put(heading(tr("Definition")), document(readable(live.definition)))


async def _set(visit: Visit, name: str, wanted: AutomationState) -> str:
    async with visit.act(Role.MARKETER, _ACTIONS[wanted], f"automation:{name}") as session:
        found = await stored.find(session, name)
        await stored.set_state(session, found, wanted)
    if wanted == AutomationState.LIVE:
        await visit.services.client.start_workflow(
            RESUME_WORKFLOW,
            AutomationRef(automation_id=found.id),
            id=resume_automation_id(found.id),
            task_queue=QUEUE,
        )
    return tr("{name} is {state} now.", name=found.name, state=wanted.value)
