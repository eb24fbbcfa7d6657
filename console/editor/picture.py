"""The picture of what is written: the way of the order it was tried on, and who stands where now."""

from nicegui import ui

from automation.picture import Marks, mermaid
from console.editor.work import Work
from console.shell import watched
from console.text import tr

_EVERY = 5.0
"""Seconds between two looks at who stands where."""


def picture(work: Work) -> None:
    """Drawn anew with every change that makes sense."""
    label = tr("The picture of the flow")
    drawn = ui.mermaid("flowchart TD\n    start([…])").classes("w-full oc-flow").props(f'role=img aria-label="{label}"')

    def show() -> bool:
        if work.definition is not None:
            stands = work.preview["runs"]["atSteps"] if work.preview else []
            standing = {one["step"]: one["runs"] for one in stands}
            drawn.content = mermaid(work.definition, Marks(standing, work.marks.way, work.marks.branches))
        return True

    work.shown.append(show)
    ui.timer(_EVERY, watched(work.count))
