"""The editor of an automation: a tree of cards with forms and the YAML on one document, checked while one writes."""

from markupsafe import Markup
from nicegui import ui

from api.automation_answers import diff_document
from api.automation_tasks import tell_runs_of_version
from automation.definition import definition_json
from automation.picture import mermaid
from automation.problems import Problem
from console.editor.tree import Tree
from console.editor.trial import trial
from console.editor.work import EMPTY, MOST_TOLD, Work, opened
from console.markup import heading, put
from console.shell import action, failed, page
from console.text import tr
from console.visit import Visit
from core.errors import InvalidError
from store import automations as stored
from store.revising import Running
from store.tables.user import Role

_CHOICES = {
    Running.PINNED: "Running runs finish on their version",
    Running.MIGRATE: "Running runs go on in the new version where their step still exists",
    Running.DRAIN: "Running runs stop before their next message",
}


@page("/builder", title="Build an automation", role=Role.MARKETER)
async def builder(visit: Visit) -> None:
    """A new automation, or the next version of the one that the address names."""
    work = await opened(visit, EMPTY)
    _tools(work)
    with ui.element("div").classes("oc-split"):
        with ui.element("div"):
            Tree(work)
        with ui.element("div"):
            told = ui.html("", sanitize=False).props("role=status")
            written = ui.codemirror(work.history.text, language="YAML", line_wrapping=True).classes("oc-editor")
            picture = ui.mermaid("flowchart TD\n    start([…])").classes("w-full")

    async def typed() -> None:
        try:
            await work.write(written.value or "")
        except Exception as error:  # noqa: BLE001 - told to the person and the log
            ui.notify(failed(error), type="negative")

    def show() -> bool:
        told.content = _told(work.problems)
        written.decorations = [
            {"kind": "line", "line": line, "class": "oc-wrong"}
            for line in {one.line for one in work.problems if one.line}
            if line <= work.history.text.count("\n") + 1
        ]
        if written.value != work.history.text:
            written.value = work.history.text
        if work.definition is not None:
            picture.content = mermaid(work.definition)
        return True

    work.shown.append(show)
    written.on("update:value", typed, throttle=0.5, leading_events=False)
    with ui.element("div").classes("oc-split q-mt-md"):
        with ui.element("div").classes("oc-panel"):
            put(heading(tr("Try it")))
            trial(work)
        with ui.element("div").classes("oc-panel"):
            put(heading(tr("Publish")))
            _publishing(work)
    await work.look()


def _tools(work: Work) -> None:
    async def undo() -> str:
        await work.undo()
        return tr("One change back.")

    async def redo() -> str:
        await work.redo()
        return tr("The change is made again.")

    with ui.row().classes("items-center q-mb-md"):
        ui.button(tr("Undo"), on_click=action(undo)).props("outline")
        ui.button(tr("Redo"), on_click=action(redo)).props("outline")
        ui.label(tr("Every change is kept as a draft; what is live stays as it is.")).classes("oc-soft")


def _publishing(work: Work) -> None:
    running = {str(choice): tr(words) for choice, words in _CHOICES.items()}
    chosen = ui.radio(running, value=str(Running.PINNED))
    changes = ui.html("", sanitize=False)

    async def publish() -> str:
        if work.problems or work.definition is None:
            raise InvalidError(tr("Correct first: {fault}", fault=work.problems[0]))
        definition, choice = work.definition, Running(chosen.value)
        subject = f"automation:{definition.name}"
        async with work.visit.act(Role.MARKETER, "automation.publish", subject, running=choice) as session:
            if work.automation_id is not None:
                found = await stored.find_locked(session, str(work.automation_id))
                if found.name != definition.name:
                    raise InvalidError(tr("This automation is named {name}; give it that name.", name=found.name))
            applied = await stored.publish(session, definition.name, definition_json(definition), running=choice)
        work.automation_id = applied.automation.id
        if not applied.changed:
            return tr("{name} is live like this already.", name=definition.name)
        told = diff_document(applied.before, definition_json(definition))
        lines = Markup("").join(Markup("<li>{}</li>").format(one["sentence"]) for one in told)
        changes.content = Markup("<ul>{}</ul>").format(lines)
        await tell_runs_of_version(work.visit.services.client, applied, choice)
        return tr("{name} version {number} is live.", name=definition.name, number=applied.number)

    ui.button(tr("Publish"), on_click=action(publish))


def _told(faults: tuple[Problem, ...]) -> str:
    if not faults:
        return Markup('<p class="oc-good">{}</p>').format(tr("This can be published."))
    lines = Markup("").join(Markup("<li>{}</li>").format(str(fault)) for fault in faults[:MOST_TOLD])
    return Markup('<ul class="oc-bad">{}</ul>').format(lines)
