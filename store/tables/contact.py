"""People: contacts, how each is known, and addresses that get nothing."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, Uuid, text
from sqlmodel import Field, SQLModel

from store.tables.base import beginning_index, id_column, json, line, moment, reference


class IdentityKind(StrEnum):
    """How a contact can be known."""

    EXTERNAL = "external_customer_id"
    EMAIL = "email"
    PHONE = "phone"


class Contact(SQLModel, table=True):
    """One person. One that was merged into another, or deleted, is kept as a mere id that old rows refer to."""

    __tablename__ = "contact"
    __table_args__ = (
        Index("ix_contact_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        beginning_index("ix_contact_search_first_name", "first_name"),
        beginning_index("ix_contact_search_last_name", "last_name"),
    )

    id: UUID = id_column()
    first_name: str | None = line(optional=True)
    last_name: str | None = line(optional=True)
    language: str | None = line(optional=True)
    time_zone: str | None = line(optional=True)
    source: str = line()
    fields: dict[str, Any] | None = json()  # of the shop's own, by their ids
    merged_into: UUID | None = reference("contact.id", optional=True)
    deleted_at: datetime | None = moment(optional=True)
    created_at: datetime = moment(now=True)
    updated_at: datetime = moment(now=True)


class ContactIdentity(SQLModel, table=True):
    """A value by which a contact is known, and where it came from.

    An externalCustomerId belongs to one contact; two contacts may hold one e-mail or phone.
    """

    __tablename__ = "contact_identity"
    __table_args__ = (
        UniqueConstraint("contact_id", "kind", "value"),
        Index("ix_contact_identity_kind_value", "kind", "value"),
        beginning_index("ix_contact_identity_search", "value"),
        Index(
            "uq_contact_identity_external",
            "value",
            unique=True,
            postgresql_where=text("kind = 'external_customer_id'"),
        ),
    )

    id: UUID = id_column()
    contact_id: UUID = reference("contact.id")
    kind: str = line()
    value: str = line()
    provenance: str = line()
    merged_from: UUID | None = reference("contact.id", optional=True)
    created_at: datetime = moment(now=True)


class ContactMerge(SQLModel, table=True):
    """One contact became part of another. `filled` has the survivor's columns that were empty before."""

    __tablename__ = "contact_merge"

    id: UUID = id_column()
    survivor_id: UUID = reference("contact.id", index=True)
    merged_id: UUID = reference("contact.id", index=True)
    filled: dict[str, Any] = json(optional=False)
    merged_at: datetime = moment(now=True)
    undone_at: datetime | None = moment(optional=True)


class ContactMergeMove(SQLModel, table=True):
    """A row (`identity`, `order`, `event`, `run`) that a merge gave to the survivor."""

    __tablename__ = "contact_merge_move"

    merge_id: UUID = Field(sa_type=Uuid, primary_key=True, foreign_key="contact_merge.id", ondelete="CASCADE")
    kind: str = line(primary_key=True)
    row_id: UUID = Field(sa_type=Uuid, primary_key=True)


class Suppression(SQLModel, table=True):
    """Why a channel must not write to an address; one that unsubscribed and bounced has two rows."""

    __tablename__ = "suppression"

    channel: str = line(primary_key=True)
    address: str = line(primary_key=True)
    reason: str = line(primary_key=True)
    topic: str = line(primary_key=True, default="", sa_column_kwargs={"server_default": text("''")})
    """Only messages of this topic; empty: all."""
    provenance: str = line(default="api", sa_column_kwargs={"server_default": text("'api'")})
    created_at: datetime = moment(now=True)


class ConsentChange(SQLModel, table=True):
    """What somebody said of messages to an address, and how we know. Never changed: the proof of consent."""

    __tablename__ = "consent_change"
    __table_args__ = (Index("ix_consent_change_address", "address", "channel"),)

    id: UUID = id_column()
    channel: str = line()
    address: str = line()
    topic: str = line(default="", sa_column_kwargs={"server_default": text("''")})
    state: str = line()  # `granted`, `withdrawn` or `unconfirmed`
    provenance: str = line()
    changed_at: datetime = moment(now=True)
