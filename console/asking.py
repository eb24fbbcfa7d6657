"""Buttons that ask before they act."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from nicegui import ui

from console.markup import put
from console.shell import action
from console.text import tr
from core.errors import InvalidError

Given = Mapping[str, str]
"""What the person wrote, by the name of the field."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a dialog asks for: one of the choices, a long text, or a line."""

    label: str
    value: str = ""
    choices: Sequence[str] | None = None
    long: bool = False
    must_be: str | None = None
    """Nothing is done unless this is written: for what cannot be taken back."""


def asking(
    label: str, text: str, work: Callable[[Given], Awaitable[str]], fields: Mapping[str, Field], *, danger: bool = False
) -> None:
    """A button that opens a dialog; the work is done when the dialog is confirmed."""
    shown: dict[str, ui.input | ui.select | ui.textarea] = {}
    colour = "negative" if danger else "primary"
    with ui.dialog() as dialog, ui.card().classes("oc-ask"):
        put(Markup("<h2>{}</h2>").format(label), Markup('<p class="oc-soft">{}</p>').format(text))
        for name, field in fields.items():
            if field.choices is not None:
                shown[name] = ui.select(list(field.choices), value=field.value or None, label=field.label)
            elif field.long:
                shown[name] = ui.textarea(field.label, value=field.value)
            else:
                shown[name] = ui.input(field.label, value=field.value)
            shown[name].classes("w-full").props("outlined dense")

        async def confirmed() -> str:
            given = {name: str(element.value or "").strip() for name, element in shown.items()}
            for name, field in fields.items():
                if field.must_be is not None and given[name] != field.must_be:
                    raise InvalidError(tr("Write {word} to confirm.", word=field.must_be), field=name)
            said = await work(given)
            dialog.close()
            return said

        with ui.row():
            ui.button(tr("Do it"), color=colour, on_click=action(confirmed))
            ui.button(tr("Cancel"), on_click=dialog.close).props("flat")
    ui.button(label, color=colour if danger else None, on_click=dialog.open).props("" if danger else "outline")
