"""Orders as they are now."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from store.tables.base import beginning_index, id_column, json, line, moment, money, reference

SEARCHED = ("external_order_id", "email", "first_name", "last_name")
"""Columns that people search by the beginning of their text."""


FIGURED = ("status", "total_cost", "currency", "source", "store_id")
"""Columns that figures of contacts are made of, beside the date."""


class Order(SQLModel, table=True):
    """One order. `match_*` are the normalised identities, None where the order brought none that can be used."""

    __tablename__ = "order"
    __table_args__ = (
        # With all that figures of a contact are made of, so that counting everybody reads no order itself, nor sorts
        Index("ix_order_contact_id_date_id", "contact_id", "date", "id", postgresql_include=FIGURED),
        Index("ix_order_status_id", "status", "id"),
        Index("ix_order_identity_conflict", "contact_id", postgresql_where=text("identity_conflict")),
        Index("ix_order_unmatched", "id", postgresql_where=text("contact_id IS NULL")),
        Index("ix_order_date_id", "date", "id"),
        Index("ix_order_placed_at", "placed_at", postgresql_where=text("placed_at IS NOT NULL")),
        *(Index(f"ix_order_{column}_date_id", column, "date", "id") for column in ("status", "store_id")),
        *(beginning_index(f"ix_order_search_{column}", column) for column in SEARCHED),
        # Alembic reads columns back without their collation, so it stands where an operator class would
        Index("ix_order_search_match_phone", "match_phone", postgresql_ops={"match_phone": "COLLATE pg_c_utf8"}),
    )

    id: UUID = id_column()
    external_order_id: str = line(unique=True)
    status: str = line()
    status_at: datetime = moment()
    status_date: datetime | None = moment(optional=True)  # only what the sender said; the measure of staleness
    date: datetime = moment()
    total_cost: Decimal = money(optional=False)
    currency: str = line()
    external_customer_id: str | None = line(optional=True)
    email: str | None = line(optional=True)
    phone: str | None = line(optional=True)
    first_name: str | None = line(optional=True)
    last_name: str | None = line(optional=True)
    shipping: Decimal | None = money()
    discount: Decimal | None = money()
    taxes: Decimal | None = money()
    restore_url: str | None = line(optional=True)
    status_description: str | None = line(optional=True)
    store_id: str | None = line(optional=True)
    delivery_method: str | None = line(optional=True)
    payment_method: str | None = line(optional=True)
    delivery_address: str | None = line(optional=True)
    source: str = line()
    items: list[Any] | None = json()
    additional_info: dict[str, Any] | None = json()
    extra: dict[str, Any] | None = json()
    match_external_id: str | None = line(optional=True)
    match_email: str | None = line(optional=True)
    match_phone: str | None = line(optional=True)
    contact_id: UUID | None = reference("contact.id", optional=True)
    identity_conflict: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    version: int
    content_hash: str = line()
    created_at: datetime = moment(now=True)
    updated_at: datetime = moment(now=True)
    placed_at: datetime | None = moment(optional=True)  # when a cart became an order; else `date` is meant
