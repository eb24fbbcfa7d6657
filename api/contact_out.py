"""What the routes of contacts answer, for the OpenAPI document; api.contact_document makes it."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.paging import MOST_LISTED, PageOut
from api.wire.contact import MAX_CONTACTS

Rows = list[dict[str, Any]]  # Any: columns


class _Out(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class ContactStored(_Out):
    """The contact that was added or updated."""

    id: UUID
    created: bool = Field(description="It is new.")


class FailedContact(_Out):
    """Why a contact was not stored."""

    index: int = Field(ge=0, description="Place of the contact in the request, from 0.")
    code: str = Field(description="Stable, such as `invalid_value`.", examples=["invalid_value"])
    field: str = Field(description="Place in the contact, such as `channels[0].value`.")
    message: str = Field(description="A sentence for people; it may change.")


class ContactsStored(_Out):
    """What became of the contacts of a request."""

    accepted: int = Field(ge=0, description="How many were stored.")
    created: int = Field(ge=0, description="How many contacts are new.")
    ids: list[UUID | None] = Field(
        max_length=MAX_CONTACTS, description="Our id of each, in the order of the request; null where it failed."
    )
    failed_contacts: list[FailedContact] = Field(description="Those that failed; always an array.")


class EmailsAdded(_Out):
    """Addresses that get nothing from now on."""

    added: int = Field(ge=0, description="How many were not unsubscribed before.")
    failed_emails: list[str] = Field(description="What is no address.")


class EmailsDeleted(_Out):
    """Addresses whose unsubscription was taken back."""

    deleted: int = Field(ge=0, description="How many were unsubscribed.")
    failed_emails: list[str] = Field(description="What is no address.")


class ContactChannel(_Out):
    """An address of a contact."""

    type: Literal["email", "sms"] = Field(description="`email`, or `sms` for a phone.")
    value: str = Field(description="The address in lower case, or the phone in E.164.")


class ContactField(_Out):
    """A value of the shop's own."""

    id: str = Field(description="Its name.")
    value: Any = Field(description="Text, number or true/false.")


class SuppressedAddress(_Out):
    """An address of the contact that gets nothing."""

    channel: str
    address: str = Field(description="The address.")
    reason: str = Field(description="unsubscribed, unconfirmed, bounced, complained or manual.")
    since: datetime = Field(description="Since when.")


class ContactIdentity(_Out):
    """By what the contact is found, and where that came from."""

    type: Literal["externalCustomerId", "email", "sms"] = Field(description="Its kind.")
    value: str = Field(description="As it is looked up.")
    provenance: str = Field(description="Who told it: order, event or api.")
    merged_from: UUID | None = Field(description="The merged contact that brought it.")
    since: datetime = Field(description="Since when it is known.")


class ContactOut(_Out):
    """One contact. What it lacks is null."""

    id: UUID
    external_customer_id: str | None = Field(description="The customer's id in the shop.")
    first_name: str | None = Field(description="The first name.")
    last_name: str | None = Field(description="The last name.")
    channels: list[ContactChannel] = Field(description="E-mails and phones; of several the first is written to.")
    language_code: str | None = Field(description="Such as `uk` or `pt-BR`.")
    time_zone: str | None = Field(description="IANA name.")
    fields: list[ContactField] = Field(description="Values of the shop's own.")
    identity_conflict: bool = Field(description="An order named the e-mail of one contact and the phone of another.")
    suppressed: list[SuppressedAddress] = Field(description="Its addresses that get nothing.")
    identities: list[ContactIdentity] = Field(description="All by which it is found.")
    merged_contacts: list[UUID] = Field(description="Ids of the contacts that are part of it.")
    source: str = Field(description="What made it: order, event or api.")
    created_at: datetime
    updated_at: datetime = Field(description="When it was last changed.")


class ContactsPage(PageOut):
    """One page of the list, newest first."""

    contacts: list[ContactOut] = Field(max_length=MOST_LISTED, description="Newest first.")


class ContactExport(BaseModel):
    """All that is known of a contact. The rows have the names of our columns, oldest first."""

    contact: ContactOut = Field(description="The contact itself.")
    orders: Rows = Field(description="Its orders.")
    events: Rows = Field(description="Its events.")
    decisions: Rows = Field(description="What each automation made of them.")
    runs: Rows = Field(description="Its runs.")
    messages: Rows = Field(description="Its messages with their contents.")
    feedback: Rows = Field(description="What became of the messages: deliveries, opens, clicks.")
    suppressions: Rows = Field(description="Its addresses that get nothing.")
    consent: Rows = Field(description="Each change of consent.")
    merges: Rows = Field(description="Merges that it was part of.")
