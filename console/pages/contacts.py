"""Contacts: who people are and how each is known."""

from typing import Any

from markupsafe import Markup

from console.markup import filters, link, moment, older, put, table
from console.place import before
from console.shell import page
from console.text import tr
from console.visit import Visit
from core.phone_number import match_phone
from store.contacts import ContactFilter, list_contacts

_PAGE = 50


@page("/contacts", title="Contacts")
async def contacts(visit: Visit) -> None:
    """The list, newest first."""
    query = visit.query
    text = query.get("text")
    phone = match_phone(text, visit.services.settings.phone_region) if text else None
    wanted = ContactFilter(text=text, text_phone=phone)
    async with visit.read() as session:
        found = await list_contacts(session, wanted, before=before(query.get("cursor")), limit=_PAGE + 1)
    zone = visit.services.settings.zone
    put(
        filters({"text": (tr("E-mail, phone, id or name begins with"), None)}, query),
        table(
            [tr(name) for name in ("Contact", "Known by", "Gets nothing by", "From", "Since")],
            [
                (
                    link(f"/contacts/{row['id']}", name_of(row)),
                    Markup("<br>").join(str(one["value"]) for one in row["identities"]) or "–",
                    ", ".join(sorted({f"{one['channel']}: {one['reason']}" for one in row["suppressions"]})) or "–",
                    row["source"],
                    moment(row["created_at"], zone),
                )
                for row in found[:_PAGE]
            ],
            empty=tr("No such contacts. Each new customer of an order becomes one."),
        ),
        older("/contacts", query, str(found[_PAGE - 1]["id"]) if len(found) > _PAGE else None),
    )


def name_of(row: dict[str, Any]) -> str:  # Any: columns
    """What to call somebody."""
    return " ".join(str(row[name]) for name in ("first_name", "last_name") if row[name]) or tr("without a name")
