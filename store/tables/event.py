"""What happened: batches of accepted requests and the events in them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Uuid, text
from sqlmodel import Field, SQLModel

from store.tables.base import id_column, json, line, moment, reference


class BatchState(StrEnum):
    """`pending` until ProcessEvents has it, `done` when every event has its decisions and runs."""

    PENDING = "pending"
    PROCESSING = "processing"
    DONE = "done"


class Effect(StrEnum):
    """What an event may do."""

    ACTS = "acts"
    UNCHANGED = "unchanged"
    STALE = "stale"
    HISTORICAL = "historical"
    TEST = "test"  # pasted for a test launch: starts, stops and counts nothing by itself


class EventBatch(SQLModel, table=True):
    """What one accepted request brought."""

    __tablename__ = "event_batch"
    __table_args__ = (Index("ix_event_batch_open", "received_at", postgresql_where=text("state <> 'done'")),)

    id: UUID = id_column()
    source: str = line()
    state: str = line(default=BatchState.PENDING)
    accepted: int
    failed: int
    versions: list[str] | None = json()  # automation versions that were live when it was decided
    received_at: datetime = moment(now=True)
    decided_at: datetime | None = moment(optional=True)
    done_at: datetime | None = moment(optional=True)


class OrderEvent(SQLModel, table=True):
    """One event. `seq` grows in commit order among the events of one order."""

    __tablename__ = "order_event"
    __table_args__ = (
        Index("ix_order_event_order_id_seq", "order_id", "seq"),
        Index("ix_order_event_contact_id_seq", "contact_id", "seq"),
        Index("ix_order_event_unmatched", "seq", postgresql_where=text("matched_at IS NULL")),
        Index("ix_order_event_custom", "id", postgresql_where=text("params IS NOT NULL")),
        Index("ix_order_event_event_type_id", "event_type", "id"),
        Index("ix_order_event_event_key_id", "event_key", "id"),
    )

    id: UUID = id_column()
    seq: int = Field(
        default=None, sa_type=BigInteger, sa_column_args=[Identity(always=True)], unique=True, nullable=False
    )
    event_type: str = line()
    event_key: str = line()
    effect: str = line()
    order_id: UUID | None = reference("order.id", optional=True, on_delete="CASCADE")
    order_version: int | None = None
    snapshot: dict[str, Any] | None = json()  # the order after this event, in the API's names
    kept: list[str] | None = json()  # fields of the snapshot that were not sent; None: not known
    params: dict[str, Any] | None = json()  # of custom events; an order event's follow from its snapshot
    contact_id: UUID | None = reference("contact.id", optional=True)
    batch_id: UUID = reference("event_batch.id", index=True)
    occurred_at: datetime = moment()
    received_at: datetime = moment(now=True)
    matched_at: datetime | None = moment(optional=True)
    depth: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """How many automations emitted one another up to this event; 0 for what came from outside."""
    automation_id: UUID | None = Field(default=None, sa_type=Uuid, nullable=True)
    """The only automation that it is for: of a look at a segment. No foreign key: many rows."""
