"""What takes longer than a page may: the page comes at once, with a place in which the figures appear."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from markupsafe import Markup
from nicegui import ui

from console.markup import put
from console.shell import failed
from console.text import tr

T = TypeVar("T")
_LINES = 8
_SKELETON = Markup('<div class="oc-skeleton" role="status" aria-label="{}">{}</div>')


def skeleton(lines: int = _LINES) -> None:
    """Where something will be."""
    put(_SKELETON.format(tr("Loading"), Markup("<i></i>") * lines))


def later(fetch: Callable[[], Awaitable[T]], show: Callable[[T], None]) -> None:
    """Look something up once the browser has the page, then show it in its place; what goes wrong is told there."""
    place = ui.element("div").classes("w-full")
    with place:
        skeleton()

    async def fill() -> None:
        try:
            found = await fetch()
        except Exception as error:  # noqa: BLE001 - told to the person and the log
            said = failed(error)
            place.clear()
            with place:
                put(Markup('<p class="oc-empty" role="alert">{}</p>').format(said))
            return
        place.clear()
        with place:
            show(found)

    ui.timer(0, fill, once=True)
