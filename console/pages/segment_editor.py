"""The editor of a dynamic segment: the tree, and whom it finds while one writes."""

from typing import Any
from urllib.parse import quote

from markupsafe import Markup
from nicegui import ui

from api.segment_work import find_members, keep_segment
from console.markup import heading, hero, link, put, table
from console.naming import SEGMENT_NAME, check_name
from console.segment_editor.tree import SegmentTree
from console.segment_editor.work import SegmentWork, opened
from console.shell import action, failed, page
from console.text import number, tr
from console.told import go
from console.visit import Visit
from core.errors import InvalidError
from core.segments.phrases import sentence
from store.segment_preview import Preview
from store.tables.user import Role


@page("/segment-editor", title="Build a segment", role=Role.MARKETER, own_heading=True)
async def segment_editor(visit: Visit) -> None:
    """A new segment, or another definition of the one that the address names."""
    work = await opened(visit)
    put(hero(work.name or tr("New segment"), above=("/segments", tr("Segments"))))
    if not work.name:
        name = ui.input(tr("Name")).props("outlined dense maxlength=100").classes("oc-pick q-mt-md")
        name.on_value_change(lambda: setattr(work, "name", str(name.value or "").strip()))
    with ui.element("div").classes("oc-split q-mt-md"):
        with ui.element("div"):
            SegmentTree(work)
            with ui.element("div").classes("oc-row q-mt-md"):
                ui.button(tr("Keep this segment"), on_click=action(lambda: _keep(work)))
        with ui.element("div").classes("oc-panel"):
            words = ui.html("", sanitize=False).classes("w-full")
            found = ui.html("", sanitize=False).classes("w-full").props("role=status")

    async def count() -> None:
        timer.deactivate()
        try:
            answer = await work.find()
        except Exception as error:  # noqa: BLE001 - told to the person and the log
            found.content = Markup('<p class="oc-bad">{}</p>').format(failed(error))
            return
        if answer is not None:
            found.content = _found(*answer)

    def show() -> bool:
        if work.condition is None:
            words.content = Markup('<p class="oc-bad">{}</p>').format(
                tr("Correct what is marked; then you see whom it finds.")
            )
            found.content = ""
            return True
        words.content = heading(tr("Contacts of whom this holds")) + Markup("<p>{}</p>").format(
            sentence(work.condition)
        )
        found.content = Markup('<div class="oc-skeleton" aria-label="{}"><i></i><i></i><i></i></div>').format(
            tr("Counting")
        )
        timer.activate()
        return True

    timer = ui.timer(0.4, count, active=False)
    work.shown.append(show)
    work.look()


def _found(found: Preview, people: list[dict[str, Any]]) -> Markup:  # Any: columns of all types
    rows = [
        (link(f"/contacts/{one['id']}", one["name"] or one["email"] or one["phone"] or str(one["id"])[-12:]),
         one["email"] or one["phone"])
        for one in people
    ]  # fmt: skip
    dear = Markup('<p class="oc-warn">{}</p>').format(
        tr("This takes PostgreSQL long; a period (within) makes it cheaper.")
    )
    return Markup("<p class='oc-figure'><b>{}</b> {}</p>{}{}").format(
        number(found.count),
        tr("contacts now"),
        dear if found.cost == "dear" else "",
        table([tr("Some of them"), tr("Reached by")], rows, empty=tr("Nobody yet.")),
    )


async def _keep(work: SegmentWork) -> str:
    check_name(work.name, SEGMENT_NAME)
    if work.condition is None:
        raise InvalidError(tr("Correct first: {fault}", fault=work.problems[0]))
    visit = work.visit
    user = await visit.acting(Role.MARKETER)
    async with visit.services.database.transaction() as session:
        row = await keep_segment(session, work.name, work.condition, actor=f"user:{user.email}")
    await find_members(visit.services.client, row)
    said = tr("{name} is kept; its members are found now.", name=work.name)
    return go(visit, f"/segments/{quote(row.name, safe='')}", said)
