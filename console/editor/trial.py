"""Try it: the way of one order through what is written, and the messages that it would send. Nothing is sent."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup
from nicegui import ui

from api.simulation import simulate_on
from api.trial_body import SimulateIn
from automation.definition import definition_json
from automation.picture import Marks
from console.editor.work import Work
from console.shell import action
from console.text import exactly, tr
from core.errors import InvalidError
from store.orders import OrderFilter, list_orders
from store.tables.user import Role

_OFFERED = 20
"""Newest orders that the field offers."""


async def trial(work: Work) -> None:
    """A field for an order, and what would happen with it: its way is lit on the picture."""
    async with work.visit.read() as session:
        newest = await list_orders(session, OrderFilter(), after=None, limit=_OFFERED)
    with ui.element("div").classes("oc-setting"):
        with ui.element("label").props("for=oc-try"):
            ui.label(tr("Try it with the order"))
        order = ui.element("input").props("id=oc-try type=text maxlength=300 list=oc-try-orders")
        offered = Markup("").join(
            Markup('<option value="{}">{}</option>').format(row["external_order_id"], row["status"]) for row in newest
        )
        ui.html(offered, sanitize=False, tag="datalist").props("id=oc-try-orders")
    said = {"order": ""}
    order.on(
        "change", lambda event: said.update(order=str(event.args).strip()), js_handler="(e) => emit(e.target.value)"
    )

    async def walk() -> str:
        await work.visit.acting(Role.MARKETER)
        told.content = ""  # what stands there is of another order or text
        if work.definition is None or not said["order"]:
            raise InvalidError(tr("Name an order, and correct what is wrong first."))
        wanted = SimulateIn(order=said["order"], definition=definition_json(work.definition))
        async with work.visit.read() as session:
            answer = await simulate_on(session, work.visit.services.settings, None, wanted)
        told.content = _told(answer, work.visit.services.settings.zone)
        work.marks = way_of(answer["steps"])
        work.tell()
        return tr("Walked through; nothing was sent.")

    ui.button(tr("Try it"), on_click=action(walk)).props("outline").classes("q-mt-sm q-mb-md")
    told = ui.html("", sanitize=False).classes("w-full").props("role=status")


def way_of(steps: Sequence[dict[str, Any]]) -> Marks:  # JSON
    """The steps that were passed, in their order, and the branches that were taken."""
    way: list[str | None] = []
    for one in steps:
        at = None if one["kind"] == "end" else one["step"]
        if (at is not None or one["kind"] == "end") and (not way or way[-1] != at):
            way.append(at)
    return Marks(way=way, branches={one["step"]: one["branch"] for one in steps if one.get("branch")})


def _told(answer: dict[str, Any], zone: ZoneInfo) -> Markup:  # JSON
    steps = Markup("").join(
        Markup('<li><time title="{}">{:%Y-%m-%d %H:%M}</time>{} · {}{}</li>').format(
            exactly(one["at"], zone),
            one["at"].astimezone(zone),
            f" · {one['step']}" if one["step"] else "",
            one["sentence"],
            _message(one.get("message")),
        )
        for one in answer["steps"]
    )
    notes = Markup("").join(Markup("<li>{}</li>").format(note) for note in answer["notes"])
    return Markup('<p>{}</p><ol class="oc-story">{}</ol><ul class="oc-soft">{}</ul>').format(
        answer["sentence"], steps, notes
    )


def _message(message: dict[str, Any] | None) -> Markup:  # JSON
    """The mail in a frame without scripts, forms or an origin."""
    if not message:
        return Markup("")
    if "error" in message:
        return Markup('<p class="oc-bad">{}</p>').format(message["error"])
    return Markup('<p><b>{}</b></p><iframe class="oc" sandbox="" title="{}" srcdoc="{}"></iframe>').format(
        message.get("subject") or "", tr("The message"), message.get("html") or message.get("text") or ""
    )
