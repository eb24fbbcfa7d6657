"""People: contacts, how each is known, and addresses that get nothing."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import SQLModel

from store.tables.base import id_column, line, moment, reference


class IdentityKind(StrEnum):
    """How a contact can be known."""

    EXTERNAL = "external_customer_id"
    EMAIL = "email"
    PHONE = "phone"


class Contact(SQLModel, table=True):
    """One person."""

    __tablename__ = "contact"

    id: UUID = id_column()
    first_name: str | None = line(optional=True)
    last_name: str | None = line(optional=True)
    language: str | None = line(optional=True)
    time_zone: str | None = line(optional=True)
    source: str = line()
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
    created_at: datetime = moment(now=True)


class Suppression(SQLModel, table=True):
    """An address that a channel must not write to."""

    __tablename__ = "suppression"

    channel: str = line(primary_key=True)
    address: str = line(primary_key=True)
    reason: str = line()
    created_at: datetime = moment(now=True)
