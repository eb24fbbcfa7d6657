"""Forms made from the models of a definition: each setting with its help and its error beside it."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Protocol

import yaml
from markupsafe import Markup
from nicegui import ui
from nicegui.events import GenericEventArguments
from pydantic import BaseModel

from automation.outline import Body, Path
from automation.problems import Problem, place_of
from automation.source import read_source
from console.editor.document import value_at, with_value, write
from console.editor.fields import Field, Kind, fields_of
from console.shell import failed

_STRUCTURED = (Kind.CONDITION, Kind.PAIRS, Kind.PART)


class Written(Protocol):
    """A document that is written in forms."""

    shown: list[Callable[[], bool]]
    in_form: bool

    @property
    def document(self) -> Body | None:
        """None while it cannot be read."""

    @property
    def problems(self) -> Sequence[Problem]:
        """What is wrong with it."""

    @property
    def spread(self) -> bool:
        """Whether parts and lists of words are asked for one by one rather than as a text."""

    async def change(self, document: Body) -> None:
        """Go on with this document."""


def form(work: Written, place: Path, model: type[BaseModel]) -> None:
    """The settings of what stands at a place. A change goes into the document at once."""
    with ui.element("div").classes("oc-form"):
        for field in fields_of(model):
            if work.spread and field.part is not None:
                _ask_part(work, (*place, field.name), field, field.part)
            else:
                _ask(work, (*place, field.name), field)


def _ask_part(work: Written, place: Path, field: Field, part: type[BaseModel]) -> None:
    with ui.element("fieldset").classes("oc-part"):
        with ui.element("legend"):
            ui.label(field.label)
        ui.label(field.help).classes("oc-soft")
        form(work, place, part)


def _ask(work: Written, place: Path, field: Field) -> None:
    name = place_of(place)
    with ui.element("div").classes("oc-setting"):
        with ui.element("label").props(f'for="{name}"'):
            ui.label(field.label + (" *" if field.needed else ""))
        _control(work, place, field).props(f'id="{name}" aria-describedby="{name}-help"')
        error = ui.label("").classes("oc-bad").props("role=alert")
        ui.label(field.help).classes("oc-soft").props(f'id="{name}-help"')

    def show() -> bool:
        if error.is_deleted:
            return False
        error.text = "; ".join(one.message for one in work.problems if _within(one.place, name))
        return True

    work.shown.append(show)
    show()


def _control(work: Written, place: Path, field: Field) -> ui.element:
    now = value_at(work.document, place)

    async def changed(event: GenericEventArguments) -> None:
        document = work.document
        if document is not None:
            work.in_form = True  # its card stays as it is: the focus is on the next field by now
            try:
                await work.change(with_value(document, place, _meant(field, event.args)))
            except Exception as error:  # noqa: BLE001 - told to the person and the log
                ui.notify(failed(error), type="negative")
            finally:
                work.in_form = False

    if work.spread and field.kind is Kind.DAYS and field.choices:
        return _several(field, now).on("change", changed, js_handler=_CHECKED)
    if field.kind is Kind.FLAG:
        on = now is True or (now is None and field.default == "True")
        box = ui.element("input").props("type=checkbox" + (" checked" if on else ""))
        return box.on("change", changed, js_handler="(e) => emit(e.target.checked)")
    if field.kind is Kind.CHOICE:
        return _choice(field, now).on("change", changed, js_handler="(e) => emit(e.target.value)")
    # the default: Vue would put `value` back into the field whenever anything near it is drawn anew
    element = ui.element("input").props(f'type=text maxlength=2000 defaultValue="{escape(_shown(field, now))}"')
    if field.default:
        element.props(f'placeholder="{escape(field.default)}"')
    return element.on("change", changed, js_handler="(e) => emit(e.target.value)")


def _several(field: Field, now: object) -> ui.element:
    """A box for each word."""
    chosen = now if isinstance(now, list) else []
    boxes = Markup("").join(
        Markup('<label><input type="checkbox" value="{}"{}> {}</label>').format(
            word, Markup(" checked") if word in chosen else "", word.replace("_", " ")
        )
        for word in field.choices
    )
    return ui.html(boxes, sanitize=False).classes("oc-boxes").props('role="group"')


_CHECKED = "(e) => emit([...e.currentTarget.querySelectorAll('input:checked')].map((one) => one.value))"


def _choice(field: Field, now: object) -> ui.element:
    words = field.choices if field.needed and now else ("", *field.choices)
    return ui.html(options({word: word or field.default or "–" for word in words}, now), sanitize=False, tag="select")


def options(words: Mapping[str, str], now: object) -> Markup:
    """The choices of a select, value → text."""
    return Markup("").join(
        Markup('<option value="{}"{}>{}</option>').format(value, Markup(" selected") if value == now else "", text)
        for value, text in words.items()
    )


def _shown(field: Field, value: Any) -> str:  # JSON
    if value is None:
        return ""
    if field.kind in _STRUCTURED and not isinstance(value, str):
        text = yaml.safe_dump(yaml.safe_load(write({"v": value}))["v"], default_flow_style=True, width=10_000)
        return text.strip()
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _meant(field: Field, said: Any) -> Any:  # what the browser sends, to JSON
    """A value from what was typed; None takes the setting away."""
    if field.kind is Kind.FLAG:
        return None if (said is True) is (field.default == "True") else said is True
    if isinstance(said, list):
        return said or None
    text = str(said).strip()
    if not text:
        return None
    if field.kind in (Kind.DAYS, Kind.EVENTS):
        words = [word.strip() for word in text.split(",") if word.strip()]
        return words[0] if len(words) == 1 and field.kind is Kind.EVENTS else words
    if field.kind is Kind.NUMBER or field.kind in _STRUCTURED:
        source = read_source(f"v: {text}")
        return text if source.problems else source.data["v"]
    return text


def _within(place: str, name: str) -> bool:
    return place == name or place.startswith((f"{name}.", f"{name}["))
