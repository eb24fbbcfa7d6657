"""What takes longer than a page may: the page comes at once, with a place in which the figures appear."""

from collections.abc import Awaitable, Callable, Hashable
from datetime import UTC, datetime
from typing import TypeVar

from markupsafe import Markup
from nicegui import ui

from console.counted import Counted
from console.markup import put
from console.plain_button import plain_button
from console.shell import failed
from console.text import exactly, tr
from console.visit import Visit

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
    ui.timer(0, lambda: _fill(place, fetch, show), once=True)


def counted(visit: Visit, key: Hashable, count: Callable[[], Awaitable[T]], show: Callable[[T], None]) -> None:
    """The same of figures that are kept: those of the last count come with the page, and say their moment.

    They are counted anew when they are no longer fresh, and when somebody asks for it.
    """
    counts, zone = visit.services.counts, visit.services.settings.zone
    with ui.element("div").classes("oc-row") as row:
        told = ui.label("").classes("oc-soft").props("role=status")
        plain_button(tr("Count anew"), lambda: again())  # noqa: PLW0108 - made below
    place = ui.element("div").classes("w-full")

    def put_in(found: Counted[T]) -> None:
        show(found.figure)
        told.text = tr("As of {at}", at=exactly(found.at, zone))
        row.set_visibility(True)

    async def again() -> None:
        told.text = tr("Being counted anew…")
        await _fill(place, lambda: counts.anew(key, count), put_in)

    kept: Counted[T] | None = counts.kept(key)
    with place:
        if kept is None:
            row.set_visibility(False)
            skeleton()
        else:
            put_in(kept)
    if kept is None or not kept.fresh(datetime.now(UTC)):
        ui.timer(0, again, once=True)


async def _fill(place: ui.element, fetch: Callable[[], Awaitable[T]], show: Callable[[T], None]) -> None:
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
