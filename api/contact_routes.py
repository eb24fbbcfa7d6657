"""Adding and updating contacts, and what they want to get: the routes of the original API."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.conflicts import in_transaction
from api.contact_out import ContactsStored, ContactStored, EmailsAdded, EmailsDeleted
from api.deps import ContactsKey, JsonBody, ServicesDep
from api.openapi import JSON, json_body
from api.problems import Problem, problem_responses
from api.services import Services
from api.wire.body import parse_json
from api.wire.contact import ContactIn, ContactsIn, read_contact, read_contacts
from api.wire.identity import match_email
from api.wire.small import EmailsIn, read_model
from core.document import dump_json
from store.audit import record_audit
from store.contact_changes import ContactChange, DedupeOn, Refused
from store.contact_writing import Stored, write_contacts
from store.double_opt_in import hold_unconfirmed
from store.suppressions import resubscribe
from store.tables import ApiKey
from store.tables.contact import IdentityKind
from store.unsubscriptions import Held, unsubscribe

router = APIRouter(prefix="/api/v1", tags=["contacts"])

_PROBLEMS = problem_responses(
    {
        400: "Not JSON, or not of this shape.",
        401: "No key, or one that is not known.",
        403: "The key lacks the scope `contacts`.",
        413: "The body is over the limit.",
        415: "The body is not sent as JSON.",
        503: "The database is away; nothing was accepted.",
    }
)


@router.post("/contact", response_model=ContactStored, responses=_PROBLEMS, openapi_extra=json_body(ContactIn))
async def post_contact(services: ServicesDep, key: ContactsKey, body: JsonBody) -> Response:
    """Add or update one contact, found by its id, externalCustomerId, e-mail or phone, in this order."""
    stored, refused = await _store(services, key, [parse_json(body)], None)
    if refused:
        raise Problem(
            400,
            refused[0].code,
            f"{refused[0].field} {refused[0].message}",
            remedy="Correct the field and send the contact again.",
            extra={"field": refused[0].field},
        )
    return _json({"id": stored[0].contact_id, "created": stored[0].created})


@router.post("/contacts", response_model=ContactsStored, responses=_PROBLEMS, openapi_extra=json_body(ContactsIn))
async def post_contacts(services: ServicesDep, key: ContactsKey, body: JsonBody) -> Response:
    """Add or update up to 3000 contacts. Each is checked on its own; those that fail are listed, the others stored."""
    raw, dedupe_on = read_contacts(body)
    stored, refused = await _store(services, key, raw, dedupe_on)
    ids = {one.index: one.contact_id for one in stored}
    return _json(
        {
            "accepted": len(stored),
            "created": len({one.contact_id for one in stored if one.created}),
            "ids": [ids.get(index) for index in range(len(raw))],
            "failedContacts": [asdict(one) for one in sorted(refused, key=lambda one: one.index)],
        }
    )


@router.post(
    "/emails/unsubscribed/add",
    response_model=EmailsAdded,
    responses=_PROBLEMS,
    openapi_extra=json_body(EmailsIn),
)
async def add_unsubscribed(services: ServicesDep, key: ContactsKey, body: JsonBody) -> Response:
    """Write to these addresses no more. Runs that stop on `unsubscribed: email` end at once."""
    usable, unusable = _emails(body)

    async def work(session: AsyncSession) -> Held:
        held = await unsubscribe(session, "email", usable)
        await _audit(session, key, "emails.unsubscribe", emails=len(held.added), runs_stopped=len(held.signals))
        return held

    held = await in_transaction(services.database, work)
    await services.tell(held)
    return _json({"added": len(held.added), "failedEmails": unusable})


@router.post(
    "/emails/unsubscribed/delete",
    response_model=EmailsDeleted,
    responses=_PROBLEMS,
    openapi_extra=json_body(EmailsIn),
)
async def delete_unsubscribed(services: ServicesDep, key: ContactsKey, body: JsonBody) -> Response:
    """Take an unsubscription back. An address that bounced or complained gets nothing all the same."""
    usable, unusable = _emails(body)

    async def work(session: AsyncSession) -> list[str]:
        deleted = await resubscribe(session, "email", usable)
        await _audit(session, key, "emails.resubscribe", emails=len(deleted))
        return deleted

    deleted = await in_transaction(services.database, work)
    return _json({"deleted": len(deleted), "failedEmails": unusable})


async def _store(
    services: Services, key: ApiKey, raw: Sequence[object], dedupe_on: DedupeOn | None
) -> tuple[list[Stored], list[Refused]]:
    read = [read_contact(index, one, services.rules) for index, one in enumerate(raw)]
    changes = [one for one in read if isinstance(one, ContactChange)]
    refused = [one for one in read if isinstance(one, Refused)]

    async def work(session: AsyncSession) -> tuple[list[Stored], list[Refused], UUID | None]:
        stored, more = await write_contacts(
            session,
            changes,
            dedupe_on=dedupe_on,
            match_order=services.settings.match_order,
            source="api",
            now=datetime.now(UTC),
        )
        await _audit(session, key, "contacts.write", accepted=len(stored), failed=len(refused) + len(more))
        emails = _unconfirmed(changes, stored)
        batch_id = await hold_unconfirmed(session, emails, source=f"api:{key.prefix}") if emails else None
        return stored, more, batch_id

    stored, more, batch_id = await in_transaction(services.database, work) if changes else ([], [], None)
    if batch_id is not None:
        services.starter.start(batch_id)
    return stored, refused + more


def _unconfirmed(changes: Sequence[ContactChange], stored: Sequence[Stored]) -> dict[UUID, list[str]]:
    """E-mails by contact of those that were added without a proof of consent."""
    ids, found = {one.index: one.contact_id for one in stored}, dict[UUID, list[str]]()
    for change in changes:
        if change.unconfirmed and change.index in ids:
            found.setdefault(ids[change.index], []).extend(change.identities.get(IdentityKind.EMAIL, ()))
    return found


async def _audit(session: AsyncSession, key: ApiKey, action: str, **details: int) -> None:
    await record_audit(session, actor=f"key:{key.prefix}", action=action, subject="contacts", details=details)


def _emails(body: bytes) -> tuple[list[str], list[str]]:
    """Addresses as they are stored, and what is no address."""
    given = read_model(body, EmailsIn).emails
    read = {email: match_email(email) for email in given}
    return [address for address in read.values() if address], [email for email, found in read.items() if not found]


def _json(document: object) -> Response:
    return Response(dump_json(document), media_type=JSON)
