"""The editor of a template: what is written, what lint says of it, and how it looks for any order."""

from collections.abc import Callable
from functools import partial

from markupsafe import Markup
from nicegui import ui

from api.template_test import TestWanted
from api.template_work import publish_template
from automation.template import Rendered
from automation.template_lint import Severity
from console.asking import Field, Given, asking
from console.mail import mail_frame
from console.markup import document, hero, put
from console.order_choice import order_choice
from console.place import whole_number
from console.sent_test import send_test
from console.shell import action, failed, page
from console.template_editor.draft import EMPTY, Draft, Look
from console.template_editor.writing import Writing
from console.text import tr
from console.visit import Visit
from store.tables.user import Role
from store.templates import find_template

_PAUSE = 0.4
"""Seconds after the last change until one looks at it."""
_DESKTOP, _PHONE, _TEXT = "desktop", "phone", "text"


@page("/template-editor", title="Write a template", role=Role.MARKETER, own_heading=True)
async def template_editor(visit: Visit) -> None:
    """A new template, or the next version of the one that the address names."""
    draft = await _opened(visit)
    title = draft.name or tr("New template")
    put(hero(title, above=("/templates", tr("Templates"))))

    async def look() -> None:
        waiting.deactivate()
        try:
            found = await draft.look()
        except Exception as error:  # noqa: BLE001 - told to the person and the log
            ui.notify(failed(error), type="negative")
            return
        if found is not None:
            writing.show(found.findings)
            _tell(findings, found, writing)
            preview.show(found)

    waiting = ui.timer(_PAUSE, look, active=False)

    def named(text: str) -> None:
        draft.name = text.strip()
        waiting.activate()

    if not draft.name:
        name = ui.input(tr("Name, as automations call it")).props("outlined dense").classes("oc-pick q-mt-md")
        name.on_value_change(lambda: named(str(name.value or "")))
    with ui.element("div").classes("oc-split oc-wide-right q-mt-md"):
        with ui.element("div").classes("w-full"):
            writing = Writing(draft, waiting.activate)
        with ui.element("div").classes("w-full oc-beside"):
            with ui.element("div").classes("oc-row"):
                ui.button(tr("Publish as a new version"), on_click=action(partial(_publish, draft)))
                text = tr("What is written now really goes out, once, marked TEST and counted nowhere.")
                to = Field(tr("To: an e-mail address or a phone"), visit.user.email)
                asking(tr("Send a test"), text, partial(_send, draft), {"to": to})
            findings = ui.element("div").classes("w-full").props("role=status")
            preview = Preview(draft, waiting.activate)

    await look()


class Preview:
    """The message for an order, at the width of a desktop or a phone, or as text."""

    def __init__(self, draft: Draft, changed: Callable[[], None]) -> None:
        self._draft = draft
        self._changed = changed
        self._rendered: Rendered | None = None
        self._fault = ""
        with ui.element("div").classes("oc-panel"):
            order_choice(draft.visit, tr("Look at it with the order"), draft.order, self._choose)
            widths = {_DESKTOP: tr("Desktop"), _PHONE: tr("Phone"), _TEXT: tr("Text part")}
            self._width = ui.radio(widths, value=_DESKTOP, on_change=self._draw).props("inline dense")
            self._shown = ui.html("", sanitize=False).classes("w-full")

    def show(self, look: Look) -> None:
        """Show this."""
        self._rendered, self._fault = look.rendered, look.fault
        self._draw()

    def _draw(self) -> None:
        self._shown.content = _message(self._rendered, self._fault, str(self._width.value))

    async def _choose(self, order: str | None) -> None:
        if order != self._draft.order:
            self._draft.order = order
            self._changed()


def _message(rendered: Rendered | None, fault: str, width: str) -> Markup:
    if rendered is None:
        said = fault or tr("Correct what is wrong to see the message.")
        return Markup('<p class="oc-empty" role="alert">{}</p>').format(said)
    subject = Markup('<p class="oc-subject">{}</p>').format(rendered.subject or tr("Without a subject"))
    if width == _TEXT or not rendered.html:
        return subject + document(rendered.text)
    return subject + mail_frame(rendered.html, narrow=width == _PHONE)


def _tell(box: ui.element, look: Look, writing: Writing) -> None:
    """What lint found, each with the way to its place."""
    box.clear()
    with box:
        if not look.findings:
            put(Markup('<p class="oc-good">{}</p>').format(tr("Nothing to correct.")))
        for one in look.findings:
            tone = "oc-bad" if one.severity is Severity.ERROR else "oc-warn"
            button = ui.element("button").classes(f"oc-finding {tone}").props("type=button")
            with button:
                ui.label(str(one))
            button.on("click", partial(writing.go_to, one))


async def _publish(draft: Draft) -> str:
    template = draft.template()
    user = await draft.visit.acting(Role.MARKETER)
    async with draft.visit.services.database.transaction() as session:
        saved, _ = await publish_template(session, template, actor=f"user:{user.email}")
    draft.number = saved.number
    if not saved.changed:
        return tr("{name} says this already.", name=draft.name)
    return tr("{name} version {number} is what is sent from now on.", name=draft.name, number=saved.number)


async def _send(draft: Draft, given: Given) -> str:
    wanted = TestWanted(draft.template(), given["to"], order=draft.order, language=draft.locale)
    return await send_test(draft.visit, Role.MARKETER, wanted)


async def _opened(visit: Visit) -> Draft:
    name, order = visit.query.get("template"), visit.query.get("order")
    if name is None:
        return Draft(visit, "", {"subject": "", "html": EMPTY}, order=order)
    async with visit.read() as session:
        found = await find_template(session, name, whole_number(visit.query.get("version")))
    document = {part: value for part, value in found.content.items() if part not in ("name", "strict") or value is True}
    return Draft(visit, found.name, document, order=order, number=found.number)
