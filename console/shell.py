"""The frame of every page: navigation, keys, errors with an id, and who may see it."""

import logging
from collections.abc import Awaitable, Callable
from uuid import uuid4

from fastapi import Request
from markupsafe import Markup
from nicegui import ui

from console.markup import put
from console.text import tr
from console.visit import ForbiddenError, Visit
from core.errors import NotFoundError, OrdercueError
from store.tables.user import Role

_LOG = logging.getLogger(__name__)
_NAVIGATION = {
    "/": "Home", "/orders": "Orders", "/events": "Events", "/contacts": "Contacts", "/automations": "Automations",
    "/runs": "Runs", "/messages": "Messages", "/templates": "Templates", "/rfm": "RFM", "/reports": "Reports",
    "/settings": "Settings",
}  # fmt: skip
_KEYS = {
    "/": "search", "g h": "Home", "g o": "Orders", "g e": "Events", "g c": "Contacts", "g a": "Automations",
    "g r": "Runs", "g m": "Messages", "g t": "Templates", "g f": "RFM", "g p": "Reports",
    "g x": "Settings", "?": "these keys",
}  # fmt: skip

Build = Callable[[Visit], Awaitable[None]]


def page(path: str, *, title: str, role: Role = Role.VIEWER) -> Callable[[Build], Build]:
    """Register a page. The role is asked for on the server before anything is read."""

    def register(build: Build) -> Build:
        @ui.page(path, title=f"{title} · Ordercue")
        async def show(request: Request) -> None:
            visit = Visit.of(request)
            ui.add_head_html(
                '<link rel="stylesheet" href="/static/console.css"><script defer src="/static/console.js"></script>'
            )
            ui.colors(primary="#1d4ed8", negative="#b91c1c", positive="#166534")  # white text on them can be read
            put(_bar(visit, path))
            with ui.element("main").classes("oc-main").props("id=main tabindex=-1"):
                put(Markup("<h1>{}</h1>").format(tr(title)))
                await _fill(build, visit, role)

        return build

    return register


def failed(error: Exception) -> str:
    """What to tell a person about an error; one that we did not foresee gets an id that is in the log."""
    if isinstance(error, OrdercueError):
        return str(error)
    number = uuid4().hex[:12]
    _LOG.error("console error %s", number, exc_info=error)
    return tr("Something went wrong here. The log has it under {id}; the other pages go on.", id=number)


def action(work: Callable[[], Awaitable[str]]) -> Callable[[], Awaitable[None]]:
    """A handler of a button: does its work and says how it went, instead of breaking the page."""

    async def handle() -> None:
        try:
            said = await work()
        except Exception as error:  # noqa: BLE001 - told to the person and the log
            ui.notify(failed(error), type="negative", timeout=10_000)
        else:
            ui.notify(said, type="positive")

    return handle


async def _fill(build: Build, visit: Visit, role: Role) -> None:
    try:
        visit.need(role)
        await build(visit)
    except NotFoundError as error:
        ui.context.client.status_code = 404
        put(_alert(tr("There is no such {kind}.", kind=error.kind)))
    except Exception as error:  # noqa: BLE001 - shown with an id, logged
        ui.context.client.status_code = 403 if isinstance(error, ForbiddenError) else 500
        put(_alert(failed(error)))


def _alert(text: str) -> Markup:
    return Markup('<p class="oc-empty" role="alert">{}</p>').format(text)


def _bar(visit: Visit, path: str) -> Markup:
    here = "/" + path.strip("/").split("/")[0]
    links = Markup("").join(
        Markup('<a href="{}"{}>{}</a>').format(to, Markup(' aria-current="page"') if to == here else "", tr(name))
        for to, name in _NAVIGATION.items()
    )
    keys = Markup("").join(
        Markup("<tr><td><kbd>{}</kbd></td><td>{}</td></tr>").format(k, tr(v)) for k, v in _KEYS.items()
    )
    return Markup(
        '<a class="oc-skip" href="#main">{skip}</a><nav class="oc-bar" aria-label="{label}">'
        '<span class="oc-name">Ordercue</span>{links}<form method="post" action="/sign-out">'
        '<span>{email} · {role}</span><button>{out}</button></form></nav>'
        '<dialog id="oc-keys" aria-label="{keys_label}"><table class="oc">{keys}</table>'
        '<form method="dialog"><button class="oc-button" autofocus>{close}</button></form></dialog>'
    ).format(
        skip=tr("To the content"), label=tr("Pages"), links=links, email=visit.user.email, role=visit.user.role,
        out=tr("Sign out"), keys_label=tr("Keys"), keys=keys, close=tr("Close"),
    )  # fmt: skip
