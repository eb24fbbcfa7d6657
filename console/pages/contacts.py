"""Contacts: who people are, how each is known, and what came of it."""

from api.wire.phone_number import match_phone
from console.contact_actions import offer
from console.markup import cards, filters, heading, hero, link, moment, older, put, table
from console.place import before, id_of
from console.shell import page
from console.text import tr
from console.visit import Visit
from store.contacts import ContactFilter, find_contact, list_contacts
from store.event_list import EventFilter, list_events
from store.orders import OrderFilter, list_orders

_PAGE = 50
_RECENT = 20


@page("/contacts", title="Contacts")
async def contacts(visit: Visit) -> None:
    """The list, newest first."""
    query = visit.query
    put(filters({"text": (tr("E-mail, phone, id or name begins with"), None)}, query))
    text = query.get("text")
    phone = match_phone(text, visit.services.settings.phone_region) if text else None
    async with visit.read() as session:
        found = await list_contacts(
            session,
            ContactFilter(text=text, text_phone=phone),
            before=before(query.get("cursor")),
            limit=_PAGE + 1,
        )
    zone = visit.services.settings.zone
    put(
        table(
            [tr(name) for name in ("Contact", "Known by", "From", "Since")],
            [
                (
                    link(f"/contacts/{row['id']}", _name(row)),
                    ", ".join(str(one["value"]) for one in row["identities"]),
                    row["source"],
                    moment(row["created_at"], zone),
                )
                for row in found[:_PAGE]
            ],
            empty=tr("No such contacts. Each new customer of an order becomes one."),
        ),
        older("/contacts", query, str(found[_PAGE - 1]["id"]) if len(found) > _PAGE else None),
    )


@page("/contacts/{contact_id}", title="Contact", own_heading=True)
async def contact(visit: Visit) -> None:
    """One contact: identities and where each came from, consent, orders and events."""
    async with visit.read() as session:
        found = await find_contact(session, id_of("contact", visit.path("contact_id")))
        orders = await list_orders(session, OrderFilter(contact_id=found["id"]), after=None, limit=_RECENT)
        events = await list_events(session, EventFilter(contact_id=found["id"]), before=None, limit=_RECENT)
    zone = visit.services.settings.zone
    put(hero(_name(found), above=("/contacts", tr("Contacts"))))
    await offer(visit, found["id"], found["merged"])
    put(
        cards(
            {
                tr("language"): found["language"] or "–",
                tr("time zone"): found["time_zone"] or "–",
                tr("identities disagree in an order"): tr("yes") if found["identity_conflict"] else tr("no"),
            }
        ),
        heading(tr("Known by")),
        table(
            [tr(name) for name in ("Kind", "Value", "Came from")],
            [(one["kind"], one["value"], one["provenance"]) for one in found["identities"]],
            empty=tr("Nothing: the contact was erased."),
        ),
        heading(tr("Gets nothing by")),
        table(
            [tr(name) for name in ("Channel", "Address", "Why")],
            [(one["channel"], one["address"], one["reason"]) for one in found["suppressions"]],
            empty=tr("No address is suppressed or unsubscribed."),
        ),
        heading(tr("Newest orders")),
        table(
            [tr(name) for name in ("Order", "Status", "Date")],
            [
                (link(f"/orders/{row['id']}", row["external_order_id"]), row["status"], moment(row["date"], zone))
                for row in orders
            ],
            empty=tr("None."),
        ),
        heading(tr("Newest events")),
        table(
            [tr(name) for name in ("Event", "Key", "Came")],
            [
                (link(f"/events/{row['id']}", row["event_type"]), row["event_key"], moment(row["received_at"], zone))
                for row in events
            ],
            empty=tr("None."),
        ),
    )


def _name(row: dict[str, object]) -> str:
    return " ".join(str(row[name]) for name in ("first_name", "last_name") if row[name]) or tr("without a name")
