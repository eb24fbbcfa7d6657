"""The contact of the contract: the public shape of the original API, read one by one."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from api.problems import Problem
from api.wire.body import parse_json
from api.wire.document import check_document
from api.wire.identity import match_email, match_external_id, match_phone
from api.wire.reading import OrderRules
from api.wire.text import Long, Short
from core.zones import known_zone
from store.contact_changes import ContactChange, DedupeOn, Refused
from store.tables.contact import IdentityKind

MAX_CONTACTS = 3000
MAX_CHANNELS = 20
MAX_FIELDS = 200
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_CODES = {"missing": "missing_field", "string_too_long": "too_long", "too_long": "too_long"}
_VALUES = {"first_name": "first_name", "last_name": "last_name", "language_code": "language", "time_zone": "time_zone"}


def _as_text(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return value
    return str(value)


_Text = Annotated[Short, BeforeValidator(_as_text)]
_Scalar = Long | bool | int | Decimal | None


class ChannelIn(BaseModel):
    """An address of a contact."""

    type: Literal["email", "sms"] = Field(description="`email`, or `sms` for a phone.")
    value: _Text = Field(description="The address, or the phone, best as +380501234567.")


class ContactFieldIn(BaseModel):
    """A value of the shop's own. Automations read it as `contact.fields.<id>`."""

    id: Annotated[_Text, Field(min_length=1, max_length=100)] = Field(description="Its name.")
    value: _Scalar = Field(None, description="Text, number or true/false; null takes the field away.")


class ContactIn(BaseModel):
    """One contact. What is absent, null or empty stays as it is; given channels replace those of their type."""

    model_config = ConfigDict(alias_generator=to_camel)

    id: UUID | None = Field(None, description="Our id, to update a contact that is known by it.")
    external_customer_id: _Text | None = Field(None, description="The customer's id in the shop.")
    first_name: Short | None = Field(None, description="The first name.")
    last_name: Short | None = Field(None, description="The last name.")
    channels: Annotated[list[ChannelIn], Field(max_length=MAX_CHANNELS)] | None = Field(
        None, description="E-mails and phones; of several the first is written to."
    )
    language_code: Short | None = Field(None, description="Such as `uk` or `pt-BR`.")
    time_zone: Short | None = Field(None, description="IANA name, such as `Europe/Kyiv`.")
    fields: Annotated[list[ContactFieldIn], Field(max_length=MAX_FIELDS)] | None = Field(
        None, description="Values of the shop's own."
    )
    unconfirmed: bool | None = Field(
        None,
        description="True: e-mails that we did not know get no marketing until their owner confirms (docs/consent.md).",
    )


class ContactsIn(BaseModel):
    """Up to 3000 contacts."""

    model_config = ConfigDict(alias_generator=to_camel)

    contacts: list[ContactIn] = Field(
        min_length=1, max_length=MAX_CONTACTS, description="The contacts, each checked on its own."
    )
    dedupe_on: DedupeOn | None = Field(
        None, description="By what each is found. By default `id`, else externalCustomerId, else e-mail, else phone."
    )


def read_contacts(raw: bytes) -> tuple[list[object], DedupeOn | None]:
    """The unchecked contacts of a body and what to find them by. Raises Problem 400."""
    document = parse_json(raw)
    contacts = document.get("contacts") if isinstance(document, dict) else None
    remedy = f'Send {{"contacts": [...]}} with 1 to {MAX_CONTACTS} contacts.'
    if not isinstance(document, dict) or not isinstance(contacts, list) or not contacts:
        raise Problem(400, "no_contacts", "The body has no contacts in an array `contacts`.", remedy=remedy)
    if len(contacts) > MAX_CONTACTS:
        raise Problem(400, "too_many_contacts", f"There are {len(contacts)} contacts.", remedy=remedy)
    wanted = document.get("dedupeOn")
    if wanted not in (None, "", *DedupeOn):
        raise Problem(400, "invalid_dedupe", "dedupeOn is not known.", remedy=f"Send one of {', '.join(DedupeOn)}.")
    return contacts, DedupeOn(str(wanted)) if wanted else None


def read_contact(index: int, raw: object, rules: OrderRules) -> ContactChange | Refused:
    """Check one contact. Raises nothing, whatever `raw` is."""
    if not isinstance(raw, dict):
        return Refused(index, "not_an_object", "", "must be an object with the fields of a contact.")
    known = {name: value for name, value in raw.items() if name in _KNOWN and value not in (None, "", [])}
    if isinstance(known.get("fields"), dict):  # a plain object is understood as well
        known["fields"] = [{"id": name, "value": value} for name, value in known["fields"].items()]
    try:
        contact = ContactIn.model_validate(known)
    except ValidationError as error:
        first = error.errors()[0]
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
        return Refused(index, _CODES.get(first["type"], "invalid_value"), place, f"{first['msg']}.")
    return _normalised(index, contact, rules)


def _normalised(index: int, contact: ContactIn, rules: OrderRules) -> ContactChange | Refused:
    identities: dict[IdentityKind, tuple[str, ...]] = {}
    if contact.external_customer_id is not None:
        external = match_external_id(contact.external_customer_id, rules.guest_ids)
        if external is None:
            return Refused(index, "invalid_value", "externalCustomerId", "stands for any guest; leave it out.")
        identities[IdentityKind.EXTERNAL] = (external,)
    for number, channel in enumerate(contact.channels or ()):
        is_mail = channel.type == "email"
        value = match_email(channel.value) if is_mail else match_phone(channel.value, rules.phone_region)
        if value is None:
            what = "e-mail address" if is_mail else "phone number"
            return Refused(index, "invalid_value", f"channels[{number}].value", f"is no valid {what}.")
        kind = IdentityKind.EMAIL if is_mail else IdentityKind.PHONE
        identities[kind] = tuple(dict.fromkeys((*identities.get(kind, ()), value)))
    if not identities and contact.id is None:
        return Refused(index, "missing_identity", "channels", "needs an externalCustomerId, a channel or an id.")
    wrong = _wrong_values(index, contact)
    if wrong:
        return wrong
    values = {column: value for name, column in _VALUES.items() if (value := getattr(contact, name)) is not None}
    return ContactChange(index, contact.id, identities, values, _fields(contact), unconfirmed=bool(contact.unconfirmed))


def _wrong_values(index: int, contact: ContactIn) -> Refused | None:
    if contact.language_code and not _LANGUAGE.fullmatch(contact.language_code):
        return Refused(index, "invalid_value", "languageCode", "must be a language code such as uk or pt-BR.")
    if contact.time_zone and not known_zone(contact.time_zone):
        return Refused(index, "invalid_value", "timeZone", "must be an IANA name such as Europe/Kyiv.")
    fault = check_document(dict(_fields(contact)), "fields")
    return Refused(index, fault.code, fault.place, fault.message) if fault else None


def _fields(contact: ContactIn) -> Mapping[str, Any]:  # Any: JSON scalars
    return {one.id: one.value for one in contact.fields or ()}


_KNOWN = frozenset(field.alias or name for name, field in ContactIn.model_fields.items())
