"""One order, chosen by its id or by what one remembers of it."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from markupsafe import Markup
from nicegui import ui
from nicegui.events import GenericEventArguments

from console.text import money, tr
from console.visit import Visit
from core.errors import InvalidError
from core.phone_number import match_phone
from store.order_search import SearchText
from store.orders import OrderFilter, OrderRow, list_orders

_MOST = 8
_LONGEST = 100


async def orders_like(visit: Visit, text: str) -> Sequence[OrderRow]:
    """Orders whose id, e-mail, phone or name begins so, newest first; those with this very id alone, if there are."""
    async with visit.read() as session:
        if this := await list_orders(session, OrderFilter(external_order_id=text), after=None, limit=1):
            return this
    searched = SearchText(text[:_LONGEST], match_phone(text, visit.services.settings.phone_region))
    async with visit.read() as session:
        return await list_orders(session, OrderFilter(search=searched), after=None, limit=_MOST)


def order_choice(visit: Visit, label: str, chosen: str | None, choose: Callable[[str | None], Awaitable[None]]) -> None:
    """A field that finds orders; `choose` is told the externalOrderId, or None when it was emptied."""
    with ui.element("div").classes("w-full"):
        field = ui.input(label, value=chosen or "").props("outlined dense clearable").classes("w-full")
        field.props["hint"] = tr("Its id, or an e-mail, phone or name. Empty: a made-up order.")
        offered = ui.element("div").classes("oc-row oc-offered").props("role=status")

    async def take(order: str) -> None:
        offered.clear()
        field.set_value(order)
        await choose(order)

    async def look(text: str) -> None:
        offered.clear()
        if not text:
            await choose(None)
            return
        found = await orders_like(visit, text)
        if len(found) == 1:
            await take(found[0]["external_order_id"])
            return
        if not found:
            raise InvalidError(tr("No order begins with {said}.", said=text))
        with offered:
            for row in found:
                name = row["external_order_id"]
                ui.button(_says(row), color=None, on_click=partial(take, name)).props("outline dense no-caps")

    async def asked(event: GenericEventArguments) -> None:
        try:
            await look(str(event.args or "").strip())
        except InvalidError as error:
            with offered:
                ui.html(Markup('<p class="oc-bad">{}</p>').format(error), sanitize=False)

    said = "(e) => emit(e.target.value)"  # what stands in the field now: the value on the server may be behind
    field.on("keydown.enter", asked, js_handler=said)
    field.on("blur", asked, js_handler=said)
    field.on("clear", asked, js_handler="() => emit('')")


def _says(row: OrderRow) -> str:
    name = " ".join(str(row[part]) for part in ("first_name", "last_name") if row[part])
    amount = str(money(row["total_cost"], row["currency"]))
    return " · ".join(filter(None, (str(row["external_order_id"]), name, row["status"], amount)))
