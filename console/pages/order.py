"""One order: its timeline, which answers why, what was stored when, and what can be done."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from api.order_list import order_document
from api.story import tell
from console.markup import (  # fmt: skip
    document,
    facts,
    heading,
    hero,
    link,
    moment,
    money,
    nothing,
    panel,
    put,
    readable,
    state,
    table,
    tabs,
    tone,
)
from console.order_actions import offer
from console.order_versions import differences, sent
from console.place import id_of
from console.shell import page
from console.temporal import in_temporal
from console.text import tr
from console.visit import Visit
from core.errors import NotFoundError
from store.automations import list_all
from store.contacts import find_contact
from store.message_list import contents_of_order
from store.orders import get_order, order_columns
from store.tables import Order
from store.tables.automation import AutomationState
from store.tables.run import OPEN_STATES
from store.tables.user import Role
from store.timeline import Timeline, load_timeline, snapshots

_VIEWS = {
    "story": "What happened, and why",
    "items": "Items",
    "sent": "As sent",
    "stored": "As stored",
    "versions": "Versions",
}
Row = Mapping[str, Any]  # Any: columns and JSON


@page("/orders/{order_id}", title="Order", own_heading=True)
async def order(visit: Visit) -> None:
    """Everything that is known of an order."""
    view = visit.query.get("view", "story")
    async with visit.read() as session:
        found = await get_order(session, id_of("order", visit.path("order_id")))
        timeline = await load_timeline(session, found.id)
        contents = await contents_of_order(session, found.id) if view == "story" else {}
        versions = await snapshots(session, found.id) if view in ("versions", "sent") else []
        contact = await _contact(session, found.contact_id)
        automations = await list_all(session) if visit.may(Role.MARKETER) else []
    settings = visit.services.settings
    put(
        hero(found.external_order_id, state(found.status), above=("/orders", tr("Orders"))),
        panel(
            facts(
                {
                    tr("Total"): money(found.total_cost, found.currency),
                    tr("Date"): moment(found.date, settings.zone),
                    tr("Contact"): _who(found, contact),
                    tr("Store"): found.store_id,
                    tr("Accepted changes"): found.version,
                }
            )
        ),
    )
    launched = [one.name for one in automations if one.live_number and one.state != AutomationState.ARCHIVED]
    offer(visit, found, [row["state"] for row in timeline.runs], launched)
    path = f"/orders/{found.id}"
    put(tabs(path, visit.query, "view", {name: tr(label) for name, label in _VIEWS.items()}, view))
    match view:
        case "items":
            put(_items(found, path, pictures="pictures" in visit.query))
        case "stored":
            put(document(readable(order_document(order_columns(found)))))
        case "sent":
            put(sent(visit, versions))
        case "versions":
            put(differences(visit, versions))
        case _:
            put(_story(visit, timeline, contents))


async def _contact(session: AsyncSession, contact_id: UUID | None) -> Row | None:
    try:
        return await find_contact(session, contact_id) if contact_id else None
    except NotFoundError:
        return None


def _who(found: Order, contact: Row | None) -> Markup:
    """The contact with a glance at it, or what was sent where none matched."""
    sent = ", ".join(filter(None, (found.email, found.phone, found.external_customer_id))) or tr("nobody")
    if contact is None:
        return Markup('{} <span class="oc-pill">{}</span>').format(sent, tr("not matched"))
    name = " ".join(filter(None, (contact["first_name"], contact["last_name"]))) or sent
    known = [(one["kind"], one["value"], one["provenance"]) for one in contact["identities"]]
    columns = [tr(column) for column in ("Kind", "Value", "Came from")]
    return Markup(
        '{} <button class="oc-icon" popovertarget="oc-contact" aria-label="{}"><i class="material-icons" '
        'aria-hidden="true">contact_page</i></button><div class="oc-peek" id="oc-contact" popover>{}{}</div>'
    ).format(
        link(f"/contacts/{contact['id']}", name),
        tr("Look at the contact"),
        heading(name),
        table(columns, known, empty=tr("Nothing: the contact was erased.")),
    )


def _story(visit: Visit, timeline: Timeline, contents: Mapping[UUID, Row]) -> Markup:
    zone = visit.services.settings.zone
    items = [
        Markup('<li class="oc-{}"><strong>{}</strong> {} <span class="oc-when">{}</span>{}</li>').format(
            tone(entry.get("state") or entry.get("outcome")),
            _title(entry),
            entry.get("sentence", ""),
            moment(entry["at"], zone),
            _more(visit, entry, contents),
        )
        for entry in sorted(tell(timeline, zone), key=_is_ahead)
    ]
    return Markup('<ol class="oc-story">{}</ol>').format(Markup("").join(items))


def _is_ahead(entry: Row) -> bool:
    """What is still to come stands below what has happened."""
    return entry["kind"] == "run" and entry["state"] in OPEN_STATES


def _title(entry: Row) -> str:
    match entry["kind"]:
        case "event":
            return f"{entry['type']} ({entry['effect']})"
        case "message":
            return f"{entry['automation']} › {entry['step']}: {entry['subject'] or entry['template']}"
        case _:
            return f"{entry['automation']} v{entry['version']}"


def _more(visit: Visit, entry: Row, contents: Mapping[UUID, Row]) -> Markup:
    if entry["kind"] == "event":
        return Markup(" {}").format(link(f"/events/{entry['id']}", tr("event")))
    if entry["kind"] == "run":
        settings = visit.services.settings
        due = Markup(" · {} {}").format(tr("due"), moment(entry["dueAt"], settings.zone)) if entry["dueAt"] else ""
        return Markup("{} {} · {}").format(
            due, link(f"/runs/{entry['id']}", tr("run")), in_temporal(settings, UUID(str(entry["id"])))
        )
    if entry["kind"] == "message":
        shown = contents.get(UUID(str(entry["id"])), {})
        return Markup(" {}{}").format(link(f"/messages/{entry['id']}", tr("message")), _rendered(shown))
    return Markup("")


def _rendered(content: Row) -> Markup:
    """A frame of an origin of its own, without scripts, forms or network."""
    if not content:
        return Markup("")
    inner = document(content.get("text") or "")
    if content.get("html"):
        inner = Markup('<iframe class="oc" sandbox="" loading="lazy" title="{}" srcdoc="{}"></iframe>').format(
            tr("The message"), content["html"]
        )
    return Markup("<details><summary>{}</summary>{}</details>").format(tr("What was sent"), inner)


def _items(found: Order, path: str, *, pictures: bool) -> Markup:
    """The items; pictures come from the shop's servers and are loaded only when somebody asks for them."""
    if not found.items:
        return nothing(tr("The order was sent without items."))
    rows = []
    for item in found.items:
        row: Row = item if isinstance(item, dict) else {}
        address = str(row.get("imageUrl") or "")
        shown = Markup('<img src="{}" alt="" height="48" referrerpolicy="no-referrer">').format(address)
        picture = shown if pictures and address.startswith("https://") else "–"
        cost = _counted(row.get("cost"), found.currency)
        rows.append((picture, row.get("name"), row.get("externalItemId"), _counted(row.get("quantity")), cost))
    columns = [tr(name) for name in ("Picture", "Name", "Id", "Quantity", "Cost")]
    switch = (
        link(f"{path}?view=items", tr("Hide pictures"))
        if pictures
        else link(f"{path}?view=items&pictures=on", tr("Load pictures from the shop"))
    )
    return table(columns, rows, empty="", numeric=frozenset({3, 4})) + Markup("<p>{}</p>").format(switch)


def _counted(value: object, currency: str | None = None) -> object:
    """A number as the locale writes it, an amount where there is a currency; anything else is shown as it came."""
    return money(value, currency) if isinstance(value, (int, float, Decimal)) else value
