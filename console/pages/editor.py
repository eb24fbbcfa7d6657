"""The editor of an automation: its text, checked while one writes, the picture of its flow beside it."""

from urllib.parse import urlencode

import yaml
from markupsafe import Markup
from nicegui import ui

from api.definition_body import Written, faults_of
from automation.definition import DefinitionError, definition_json, load_definition
from automation.picture import mermaid
from automation.problems import Problem
from console.editor.work import EMPTY, MOST_TOLD
from console.markup import put
from console.shell import action, page
from console.text import tr
from console.visit import Visit
from core.errors import InvalidError
from store import automations as stored
from store.tables.user import Role


@page("/editor", title="Write an automation", role=Role.MARKETER)
async def editor(visit: Visit) -> None:
    """A new automation, or the next version of the one that the address names."""
    text = await _text(visit)
    named = urlencode({"automation": visit.query["automation"]}) if "automation" in visit.query else ""
    put(Markup('<p><a href="/builder?{}">{}</a></p>').format(named, tr("Build it from cards instead")))
    with ui.element("div").classes("oc-split"):
        written = ui.codemirror(text, language="YAML", line_wrapping=True).classes("oc-editor")
        with ui.element("div"):
            told = ui.html("", sanitize=False).props("role=status")
            picture = ui.mermaid("flowchart TD\n    start([…])").classes("w-full")
    put(
        Markup('<p class="oc-soft">{}</p>').format(
            tr("Publishing makes the next version; running runs stay on theirs.")
        )
    )

    async def look() -> None:
        faults = await _faults(visit, written.value or "")
        told.content = _told(faults)
        if not faults:
            picture.content = mermaid(load_definition(written.value or ""))

    async def publish() -> str:
        faults = await _faults(visit, written.value or "")
        if faults:
            raise InvalidError(tr("Correct first: {fault}", fault=faults[0]))
        definition = load_definition(written.value or "")
        async with visit.act(Role.MARKETER, "automation.publish", f"automation:{definition.name}") as session:
            applied = await stored.publish(session, definition.name, definition_json(definition))
        if not applied.changed:
            return tr("{name} is live like this already.", name=definition.name)
        return tr("{name} version {number} is live.", name=definition.name, number=applied.number)

    written.on("update:value", look, throttle=0.5, leading_events=False)
    ui.button(tr("Publish"), on_click=action(publish))
    await look()


async def _text(visit: Visit) -> str:
    name = visit.query.get("automation")
    if name is None:
        return EMPTY
    async with visit.read() as session:
        found = await stored.find(session, name)
        live = await stored.version(session, found.id, found.live_number or 0)
    return yaml.safe_dump(live.definition, sort_keys=False, allow_unicode=True, width=100)


async def _faults(visit: Visit, text: str) -> tuple[Problem, ...]:
    try:
        definition = load_definition(text)
    except DefinitionError as error:
        return tuple(error.problems)
    async with visit.read() as session:
        return await faults_of(session, visit.services.settings, Written(text, definition))


def _told(faults: tuple[Problem, ...]) -> str:
    if not faults:
        return Markup('<p class="oc-good">{}</p>').format(tr("This can be published."))
    lines = Markup("").join(Markup("<li>{}</li>").format(str(fault)) for fault in faults[:MOST_TOLD])
    return Markup('<ul class="oc-bad">{}</ul>').format(lines)
