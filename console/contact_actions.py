"""What can be done with a contact: merge another one into it, take that back, export, erase."""

from functools import partial
from uuid import UUID

from markupsafe import Markup
from nicegui import ui
from sqlalchemy.ext.asyncio import AsyncSession

from api.conflicts import in_transaction
from api.contact_document import export_document
from console.asking import Field, Given, asking
from console.markup import heading, link, put
from console.place import id_of
from console.shell import action
from console.text import number, tr
from console.told import go
from console.visit import Visit
from core.document import dump_json
from core.errors import InvalidError
from core.process import signal_stops
from store.audit import record_audit
from store.contact_export import export_rows
from store.contact_merging import merge_contacts, unmerge_contacts
from store.contacts import find_contact
from store.erasing import erase_contact
from store.run_stops import Signals
from store.tables.user import Role

_ERASE = "erase"


async def offer(visit: Visit, contact_id: UUID, merged: list[UUID]) -> None:
    """The buttons that an operator may press; in a merge, what would move is shown first."""
    if not visit.may(Role.OPERATOR):
        return
    other = visit.query.get("merge")
    if other:
        await _offer_merge(visit, contact_id, id_of("contact", other))
        return
    with ui.element("div").classes("oc-row"):
        ui.button(tr("Export"), color=None, on_click=action(lambda: _export(visit, contact_id))).props("outline")

        async def preview(given: Given) -> str:
            ui.navigate.to(f"/contacts/{contact_id}?merge={id_of('contact', given['other'])}")
            return tr("Look before you merge.")

        text = tr("Another contact becomes part of this one. Next you see what would move; it can be undone.")
        asking(tr("Merge"), text, preview, {"other": Field(tr("Id of the other contact, from its address"))})

        async def erase(_given: Given) -> str:
            return await _erase(visit, contact_id)

        text = tr("Orders, events and messages lose all that is personal. This cannot be taken back.")
        word = Field(tr("Write {word} to confirm", word=_ERASE), must_be=_ERASE)
        asking(tr("Erase"), text, erase, {"word": word}, danger=True)
    for one in merged:
        with ui.element("div").classes("oc-row"):
            put(Markup("<p>{}</p>").format(tr("Merged into this one: {contact}", contact=one)))
            ui.button(tr("Undo this merge"), on_click=action(partial(_unmerge, visit, contact_id, one)))


async def _offer_merge(visit: Visit, contact_id: UUID, other: UUID) -> None:
    """What the other contact has, and the button that moves it."""
    async with visit.read() as session:
        found = await find_contact(session, other)
        rows = await export_rows(session, other)
    if found["id"] == contact_id:
        raise InvalidError(tr("A contact cannot be merged with itself, or was merged already."), field="merge")
    values = ", ".join(str(one["value"]) for one in found["identities"]) or "–"
    counts = ", ".join(f"{number(len(rows[kind]))} {tr(kind)}" for kind in ("orders", "events", "runs"))
    name = " ".join(filter(None, (found["first_name"], found["last_name"]))) or tr("without a name")
    put(
        Markup('<div class="oc-note">{}<p>{}: {}</p><p>{}: {}</p></div>').format(
            heading(tr("This would become part of the contact: {name}", name=name)),
            tr("Known by"), values, tr("Moves here"), counts,
        )
    )  # fmt: skip
    with ui.element("div").classes("oc-row"):
        ui.button(tr("Merge them"), on_click=action(lambda: _merge(visit, contact_id, other)))
        put(link(f"/contacts/{contact_id}", tr("Do not merge")))


async def _merge(visit: Visit, contact_id: UUID, other: UUID) -> str:
    async with visit.act(Role.OPERATOR, "contact.merge", f"contact:{contact_id}", merged=str(other)) as session:
        await merge_contacts(session, contact_id, other)
    return go(visit, f"/contacts/{contact_id}", tr("The two are one contact now."))


async def _unmerge(visit: Visit, contact_id: UUID, other: UUID) -> str:
    async with visit.act(Role.OPERATOR, "contact.unmerge", f"contact:{contact_id}", merged=str(other)) as session:
        await unmerge_contacts(session, contact_id, other)
    return go(visit, f"/contacts/{contact_id}", tr("They are two contacts again."))


async def _export(visit: Visit, contact_id: UUID) -> str:
    async with visit.act(Role.OPERATOR, "contact.export", f"contact:{contact_id}") as session:
        row = await find_contact(session, contact_id)
        document = export_document(row, await export_rows(session, row["id"]))
    ui.download.content(dump_json(document), f"contact-{contact_id}.json", "application/json")
    return tr("All that is known is in the file.")


async def _erase(visit: Visit, contact_id: UUID) -> str:
    user = await visit.acting(Role.OPERATOR)

    async def work(session: AsyncSession) -> Signals:
        await record_audit(session, actor=f"user:{user.email}", action="contact.erase", subject=f"contact:{contact_id}")
        return await erase_contact(session, contact_id)

    await signal_stops(visit.services.client, await in_transaction(visit.services.database, work))
    return go(visit, "/contacts", tr("The person is erased."))
