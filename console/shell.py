"""The frame of every page: navigation, errors with an id, and who may see it."""

import logging
from collections.abc import Awaitable, Callable
from uuid import uuid4

from fastapi import Request
from markupsafe import Markup
from nicegui import ui

from console.markup import put
from console.navigation import side
from console.text import tr
from console.told import tell
from console.visit import ForbiddenError, Visit
from core.errors import NotFoundError, OrdercueError
from store.tables.user import Role

_LOG = logging.getLogger(__name__)
_HEAD = (
    '<link rel="stylesheet" href="/static/console.css"><link rel="stylesheet" href="/static/editor.css">'
    '<link rel="stylesheet" href="/static/marketing.css"><link rel="stylesheet" href="/static/operating.css">'
    '<script defer src="/static/console.js"></script>'
)

_PATIENCE = 30.0
"""Seconds that a page may take: a slow one is better than none."""
Build = Callable[[Visit], Awaitable[None]]


def page(path: str, *, title: str, role: Role = Role.VIEWER, own_heading: bool = False) -> Callable[[Build], Build]:
    """Register a page. The role is asked for on the server before anything is read.

    With `own_heading` the page itself puts `markup.hero` where the title would stand.
    """

    def register(build: Build) -> Build:
        @ui.page(path, response_timeout=_PATIENCE)
        async def show(request: Request) -> None:
            visit = Visit.of(request)
            with _frame(visit, path, tr(title)):
                await _fill(build, visit, role, None if own_heading else tr(title))

        return build

    return register


def nowhere(request: Request) -> None:
    """What is shown for an address that no page has."""
    title = tr("This cannot be shown")
    with _frame(Visit.of(request), request.url.path, title), ui.element("div").classes("w-full") as content:
        put(Markup("<h1>{}</h1>").format(title))
        _fail(404, content, title, tr("There is no page with this address."))


def failed(error: Exception) -> str:
    """What to tell a person about an error; one that we did not foresee gets an id that is in the log."""
    if isinstance(error, OrdercueError):
        return str(error)
    number = uuid4().hex[:12]
    _LOG.error("console error %s", number, exc_info=error)
    return tr("Something went wrong here. The log has it under {id}; the other pages go on.", id=number)


def action(work: Callable[[], Awaitable[str]]) -> Callable[[], Awaitable[None]]:
    """A handler of a button: does its work and says how it went, instead of breaking the page."""
    client = ui.context.client  # the button may be gone when its work is done

    async def handle() -> None:
        try:
            said = await work()
        except Exception as error:  # noqa: BLE001 - told to the person and the log
            with client:
                ui.notify(failed(error), type="negative", timeout=10_000)
        else:
            with client:
                ui.notify(said, type="positive")

    return handle


def watched(look: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """What a timer does: looks while somebody is there to see it; a look that fails is in the log, the next may not."""
    client = ui.context.client

    async def handle() -> None:
        if client.has_socket_connection:
            try:
                await look()
            except Exception as error:  # noqa: BLE001 - in the log
                failed(error)

    return handle


def _frame(visit: Visit, path: str, title: str) -> ui.element:
    """The head and the navigation; gives back the place of the content."""
    ui.page_title(f"{title} · Ordercue")
    ui.add_head_html(_HEAD)
    ui.colors(primary="#2450d3", negative="#a31616", positive="#12632f")  # white text on them can be read
    ui.html(side(visit, path), sanitize=False).classes("oc-frame")
    return ui.element("main").classes("oc-main").props("id=main tabindex=-1")


async def _fill(build: Build, visit: Visit, role: Role, title: str | None) -> None:
    with ui.element("div").classes("w-full") as content:
        if title:
            put(Markup("<h1>{}</h1>").format(title))
        try:
            tell(visit)
            visit.need(role)
            await build(visit)
        except NotFoundError as error:
            _fail(404, content, title, tr("There is no such {kind}.", kind=error.kind))
        except Exception as error:  # noqa: BLE001 - shown with an id, logged
            _fail(403 if isinstance(error, ForbiddenError) else 500, content, title, failed(error))


def _fail(status: int, content: ui.element, title: str | None, text: str) -> None:
    """What was built so far stays; a page that has no heading yet gets one."""
    ui.context.client.status_code = status
    with content:
        heading = "" if title or status == 500 else Markup("<h1>{}</h1>").format(tr("This cannot be shown"))  # noqa: PLR2004
        put(
            Markup('{}<p class="oc-empty" role="alert">{}<br><a href="/">{}</a></p>').format(
                heading, text, tr("To the beginning")
            )
        )
