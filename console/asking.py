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
    """One thing that a dialog asks for: one of the choices, or several, a long text, a secret, a day, or a line."""

    label: str
    value: str = ""
    choices: Sequence[str] | None = None
    several: bool = False
    """Any of the choices; they are given, and come, with commas between them."""
    long: bool = False
    kind: str = "text"
    """Of a line, as HTML knows it: text, password, date, number, email."""
    hint: str = ""
    must_be: str | None = None
    """Nothing is done unless this is written: for what cannot be taken back."""


def asking(
    label: str,
    text: str,
    work: Callable[[Given], Awaitable[str]],
    fields: Mapping[str, Field],
    *,
    danger: bool = False,
    main: bool = False,
) -> None:
    """A button that opens a dialog; the work is done when the dialog is confirmed. `main`: what most come for."""
    shown: dict[str, ui.input | ui.select | ui.textarea] = {}
    colour = "negative" if danger else "primary"
    with ui.dialog() as dialog, ui.card().classes("oc-ask"):
        put(Markup("<h2>{}</h2>").format(label), Markup('<p class="oc-soft">{}</p>').format(text))
        for name, field in fields.items():
            shown[name] = _control(field).classes("w-full").props("outlined dense stack-label")
            if len(shown) == 1:
                shown[name].props("autofocus")
            if field.hint:
                shown[name].props["hint"] = field.hint

        async def confirmed() -> str:
            given = {name: _said(element.value) for name, element in shown.items()}
            for name, field in fields.items():
                if field.must_be is not None and given[name] != field.must_be:
                    raise InvalidError(tr("Write {word} to confirm.", word=field.must_be), field=name)
            said = await work(given)
            dialog.close()
            return said

        once = _once(confirmed, lambda: do)
        for name, field in fields.items():
            if field.choices is None and not field.long:
                shown[name].on("keydown.enter", once)
        with ui.row():
            do = ui.button(tr("Do it"), color=colour, on_click=once)
            ui.button(tr("Cancel"), on_click=dialog.close).props("flat")
    shows = danger or main
    ui.button(label, color=colour if shows else None, on_click=dialog.open).props("" if shows else "outline")


def _once(work: Callable[[], Awaitable[str]], button: Callable[[], ui.button]) -> Callable[[], Awaitable[None]]:
    """What takes a moment is not done twice because somebody pressed again."""
    act, busy = action(work), False

    async def handle() -> None:
        nonlocal busy
        if busy:
            return
        busy = True
        button().props("loading")
        try:
            await act()
        finally:
            busy = False
            button().props(remove="loading")

    return handle


def _control(field: Field) -> ui.input | ui.select | ui.textarea:
    if field.choices is not None:
        chosen: str | list[str] | None = field.value or None
        if field.several:
            chosen = [one for one in field.value.split(",") if one]
        return ui.select(list(field.choices), value=chosen, label=field.label, multiple=field.several)
    if field.long:
        return ui.textarea(field.label, value=field.value)
    shown = ui.input(field.label, value=field.value)
    return shown.props(f"type={field.kind} autocomplete=new-password" if field.kind != "text" else "")


def _said(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value or "").strip()
