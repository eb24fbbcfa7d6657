"""The builder: a tree of cards with forms and the YAML on one document, checked while one writes."""

from markupsafe import Markup
from nicegui import ui

from automation.problems import Problem
from console.editor.backtest import backtest
from console.editor.keeping import keeping
from console.editor.picture import picture
from console.editor.publishing import publishing
from console.editor.tree import Tree
from console.editor.trial import trial
from console.editor.work import EMPTY, MOST_TOLD, Work, opened
from console.markup import heading, link, put
from console.recipe import Recipe, add_missing_parts, find_recipe, missing_parts
from console.shell import action, failed, page
from console.text import tr
from console.visit import Visit
from core.errors import InvalidError
from store.tables.user import Role


@page("/builder", title="Build an automation", role=Role.MARKETER)
async def builder(visit: Visit) -> None:
    """A new automation, or the next version of the one that the address names."""
    recipe = find_recipe(visit.query["recipe"]) if "recipe" in visit.query else None
    work = await opened(visit, recipe.text if recipe else EMPTY)
    await work.look(count=work.automation_id is None)  # what is under way is counted once the page is there
    put(Markup('<p class="oc-crumbs">{} /</p>').format(link("/automations", tr("Automations"))))
    keeping(work)
    if recipe is not None:
        await _needs(work, recipe)
    _tools(work)
    with ui.element("div").classes("oc-split"):
        with ui.element("div"):
            Tree(work)
        with ui.element("div"):
            picture(work)
            _text(work)
    with ui.element("div").classes("oc-split q-mt-md"):
        with ui.element("section").classes("oc-panel"):
            put(heading(tr("Try it")))
            await trial(work)
        with ui.element("section").classes("oc-panel"):
            put(heading(tr("Backtest")))
            backtest(work)
    with ui.element("section").classes("oc-panel"):
        put(heading(tr("Publish")))
        publishing(work)
    work.tell()


def _text(work: Work) -> None:
    """What is wrong, and the YAML."""
    told = ui.html("", sanitize=False).props("role=status")
    written = ui.codemirror(work.history.text, language="YAML", line_wrapping=True).classes("oc-editor")

    known = [work.history.text]

    async def typed() -> None:
        known[0] = written.value or ""
        try:
            await work.write(known[0])
        except Exception as error:  # noqa: BLE001 - told to the person and the log
            ui.notify(failed(error), type="negative")

    def show() -> bool:
        told.content = _told(work.problems)
        written.decorations = [
            {"kind": "line", "line": line, "class": "oc-wrong"}
            for line in {one.line for one in work.problems if one.line}
            if line <= work.history.text.count("\n") + 1
        ]
        if known[0] != work.history.text:  # else what stands there is newer: it is still being typed
            known[0] = written.value = work.history.text
        return True

    work.shown.append(show)
    written.on("update:value", typed, throttle=0.5, leading_events=False)


def _tools(work: Work) -> None:
    async def undo() -> str:
        if not work.history.can_undo:
            raise InvalidError(tr("There is nothing to undo."))
        await work.undo()
        return tr("One change back.")

    async def redo() -> str:
        if not work.history.can_redo:
            raise InvalidError(tr("There is nothing to make again."))
        await work.redo()
        return tr("The change is made again.")

    with ui.row().classes("items-center q-mb-md"):
        ui.button(tr("Undo"), on_click=action(undo)).props("outline")
        ui.button(tr("Redo"), on_click=action(redo)).props("outline")
        ui.label(tr("Every change is kept as a draft; what is live stays as it is.")).classes("oc-soft")


async def _needs(work: Work, recipe: Recipe) -> None:
    """Templates and segments that come with a recipe, while they are missing."""
    async with work.visit.read() as session:
        names, segments = await missing_parts(session, recipe)
    if not names and not segments:
        return
    row = ui.element("div").classes("oc-note oc-row")

    async def add() -> str:
        user = await work.visit.acting(Role.MARKETER)
        async with work.visit.act(Role.MARKETER, "recipe.add", f"recipe:{recipe.key}") as session:
            count = await add_missing_parts(session, recipe, actor=f"user:{user.email}")
        row.delete()
        await work.look()
        return tr("{count} are there now; change their text under Templates.", count=count)

    with row:
        ui.label(tr("The recipe comes with what is still missing: {names}", names=", ".join([*names, *segments])))
        ui.button(tr("Add them"), on_click=action(add))


def _told(faults: tuple[Problem, ...]) -> str:
    if not faults:
        return Markup('<p class="oc-good">{}</p>').format(tr("This can be published."))
    lines = Markup("").join(Markup("<li>{}</li>").format(str(fault)) for fault in faults[:MOST_TOLD])
    return Markup('<ul class="oc-bad">{}</ul>').format(lines)
