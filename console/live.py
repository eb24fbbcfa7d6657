"""Pages that look again by themselves, as long as somebody may and does look at them."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from console.shell import failed
from console.visit import Visit
from store.tables.user import Role


def watch(visit: Visit, look: Callable[[], Awaitable[None]], *, seconds: float, at_once: bool = False) -> None:
    """Call `look` every so often. The timer ends with the page; who was signed out sees nothing new.

    What goes wrong is told once, and the next look may succeed.
    """
    told = [False]

    async def again() -> None:
        try:
            await visit.acting(Role.VIEWER)
            await look()
        except Exception as error:  # noqa: BLE001 - told to the person and the log
            if not told[0]:
                ui.notify(failed(error), type="negative", timeout=10_000)
            told[0] = True
        else:
            told[0] = False

    ui.timer(seconds, again, immediate=at_once)
