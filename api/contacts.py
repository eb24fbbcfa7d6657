"""/api/v1/contacts: the list, one contact, its export, erasure and merges."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from api.conflicts import in_transaction
from api.contact_document import contact_document, export_document
from api.contact_out import ContactExport, ContactOut, ContactsPage
from api.deps import ContactsKey, JsonBody, ServicesDep
from api.openapi import JSON, json_body
from api.paging import PageQuery, Plain, page
from api.problems import problem_responses
from api.wire.identity import match_email, match_phone
from api.wire.reading import OrderRules
from api.wire.small import OtherIn, read_model
from core.document import dump_json
from core.process import signal_stops
from store.audit import record_audit
from store.contact_export import export_rows
from store.contact_merging import merge_contacts, unmerge_contacts
from store.contacts import ContactFilter, find_contact, list_contacts
from store.erasing import delete_contact, erase_contact
from store.run_stops import Signals
from store.tables import ApiKey

router = APIRouter(prefix="/api/v1/contacts", tags=["contacts"])

_ACCESS = {
    401: "No key, or one that is not known.",
    403: "The key lacks the scope `contacts`.",
    503: "The database is away; nothing was done.",
}
_LIST = problem_responses(_ACCESS | {400: "A parameter that is wrong or not known."})
_ONE = problem_responses(_ACCESS | {400: "Not an id.", 404: "No such contact."})
_MERGE = problem_responses(_ACCESS | {400: "Not two contacts.", 404: "No such contact.", 409: "They cannot be now."})


_Searched = StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00]*$")


ContactId = Annotated[UUID, Path(description="The contact's id.")]


class ContactQuery(PageQuery):
    """The parameters of the list."""

    email: Plain | None = Field(None, description="Only who holds this address, in any case.")
    phone: Plain | None = Field(None, description="Only who holds this phone.")
    external_customer_id: Plain | None = Field(None, description="Only who has this id in the shop.")
    text: Annotated[str, _Searched] | None = Field(
        None, description="The beginning, in any case, of a name, address, phone or id; or of both names."
    )

    def filter(self, rules: OrderRules) -> ContactFilter:
        """What to look for; a value that cannot be an identity finds nobody."""
        return ContactFilter(
            email=self.email and (match_email(self.email) or self.email),
            phone=self.phone and (match_phone(self.phone, rules.phone_region) or self.phone),
            external_id=self.external_customer_id,
            text=self.text,
            text_phone=match_phone(self.text, rules.phone_region) if self.text else None,
        )


@router.get("", response_model=ContactsPage, responses=_LIST)
async def get_contacts(services: ServicesDep, _key: ContactsKey, query: Annotated[ContactQuery, Query()]) -> Response:
    """Contacts, newest first, a page at a time; follow `nextCursor` with the same filters."""
    wanted, before = query.filter(services.rules), query.before
    async with services.database.transaction() as session:
        rows = await list_contacts(session, wanted, before=before, limit=query.limit + 1)
    return _json(page("contacts", [contact_document(row) for row in rows], query.limit))


@router.get("/{contact_id}", response_model=ContactOut, responses=_ONE)
async def get_contact(services: ServicesDep, _key: ContactsKey, contact_id: ContactId) -> Response:
    """One contact with its identities and where each came from. The id of a merged contact shows the survivor."""
    async with services.database.transaction() as session:
        row = await find_contact(session, contact_id)
    return _json(contact_document(row))


@router.get("/{contact_id}/export", response_model=ContactExport, responses=_ONE)
async def export_contact(services: ServicesDep, key: ContactsKey, contact_id: ContactId) -> Response:
    """All that is known of a contact: identities, orders, events, decisions, runs, messages, suppressions, merges."""
    async with services.database.transaction() as session:
        row = await find_contact(session, contact_id)
        parts = await export_rows(session, row["id"])
        await _audit(session, key, "contact.export", row["id"])
    return _json(export_document(row, parts))


@router.delete("/{contact_id}", status_code=204, responses=_ONE)
async def remove_contact(services: ServicesDep, key: ContactsKey, contact_id: ContactId) -> Response:
    """Forget a contact and its identities, and stop its runs. Its orders stay, and belong to nobody."""

    async def work(session: AsyncSession) -> Signals:
        await _audit(session, key, "contact.delete", contact_id)
        return await delete_contact(session, contact_id)

    await signal_stops(services.client, await in_transaction(services.database, work))
    return Response(status_code=204)


@router.post("/{contact_id}/erase", status_code=204, responses=_ONE)
async def erase(services: ServicesDep, key: ContactsKey, contact_id: ContactId) -> Response:
    """Erase a person: as deleting, and orders, events and messages lose all that is personal. Cannot be undone."""

    async def work(session: AsyncSession) -> Signals:
        await _audit(session, key, "contact.erase", contact_id)
        return await erase_contact(session, contact_id)

    await signal_stops(services.client, await in_transaction(services.database, work))
    return Response(status_code=204)


@router.post("/{contact_id}/merge", response_model=ContactOut, responses=_MERGE, openapi_extra=json_body(OtherIn))
async def merge(services: ServicesDep, key: ContactsKey, contact_id: ContactId, body: JsonBody) -> Response:
    """Make another contact part of this one: identities, orders, events, runs. Can be undone."""
    other = read_model(body, OtherIn).contact_id

    async def work(session: AsyncSession) -> dict[str, Any]:  # Any: a row
        await merge_contacts(session, contact_id, other)
        await _audit(session, key, "contact.merge", contact_id, merged=str(other))
        return await find_contact(session, contact_id)

    return _json(contact_document(await in_transaction(services.database, work)))


@router.post("/{contact_id}/unmerge", response_model=ContactOut, responses=_MERGE, openapi_extra=json_body(OtherIn))
async def unmerge(services: ServicesDep, key: ContactsKey, contact_id: ContactId, body: JsonBody) -> Response:
    """Undo a merge: everything goes back to the other contact."""
    other = read_model(body, OtherIn).contact_id

    async def work(session: AsyncSession) -> dict[str, Any]:  # Any: a row
        await unmerge_contacts(session, contact_id, other)
        await _audit(session, key, "contact.unmerge", contact_id, merged=str(other))
        return await find_contact(session, contact_id)

    return _json(contact_document(await in_transaction(services.database, work)))


async def _audit(session: AsyncSession, key: ApiKey, action: str, contact_id: UUID, **details: str) -> None:
    await record_audit(
        session, actor=f"key:{key.prefix}", action=action, subject=f"contact:{contact_id}", details=details
    )


def _json(document: object) -> Response:
    return Response(dump_json(document), media_type=JSON)
