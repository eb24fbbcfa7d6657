"""Groups of contacts, and what is kept of their orders' figures."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Integer, Uuid
from sqlmodel import Field, SQLModel

from store.tables.base import id_column, json, line, moment, money


class SegmentKind(StrEnum):
    """`static` has the members that it was given, `dynamic` those that its definition finds."""

    STATIC = "static"
    DYNAMIC = "dynamic"


class Segment(SQLModel, table=True):
    """A named group of contacts."""

    __tablename__ = "segment"

    id: UUID = id_column()
    name: str = line(unique=True)
    kind: str = line()
    definition: dict[str, Any] | None = json()  # of dynamic ones; JSON of core.segments.definition.Condition
    created_at: datetime = moment(now=True)
    updated_at: datetime = moment(now=True)
    calculated_at: datetime | None = moment(optional=True)
    """When a full pass last ended. Members of a pass before the first are found quietly: nobody entered."""


class SegmentMember(SQLModel, table=True):
    """A contact is in a segment."""

    __tablename__ = "segment_member"
    __table_args__ = (Index("ix_segment_member_contact_id", "contact_id"),)

    segment_id: UUID = Field(sa_type=Uuid, primary_key=True, foreign_key="segment.id", ondelete="CASCADE")
    contact_id: UUID = Field(sa_type=Uuid, primary_key=True, foreign_key="contact.id")
    source: str = line()
    added_at: datetime = moment(now=True)


class ContactRfm(SQLModel, table=True):
    """The cell of the RFM grid in which the last calculation saw a contact; recency 0 is never.

    Without a foreign key, as RfmMove: one statement makes both from contacts, whose rows stay when they are deleted.
    """

    __tablename__ = "contact_rfm"

    contact_id: UUID = Field(sa_type=Uuid, primary_key=True)
    recency: int
    frequency: int
    since: datetime = moment(now=True)


class ScoreEdge(SQLModel, table=True):
    """Where a score of the RFM, 2 to 5, begins: a quantile of all contacts as of the last full pass."""

    __tablename__ = "score_edge"

    score: int = Field(sa_type=Integer, primary_key=True, sa_column_kwargs={"autoincrement": False})
    last: datetime | None = moment(optional=True)
    """Least moment of the last DELIVERED order; None when nobody reaches the score."""
    orders: int | None = None
    """Least number of them."""
    kept_at: datetime = moment(now=True)


class RfmMove(SQLModel, table=True):
    """A contact went from one cell to another."""

    __tablename__ = "rfm_move"
    __table_args__ = (Index("ix_rfm_move_at", "at"), Index("ix_rfm_move_contact_id_at", "contact_id", "at"))

    id: UUID = id_column()
    contact_id: UUID = Field(sa_type=Uuid)
    from_recency: int
    from_frequency: int
    to_recency: int
    to_frequency: int
    at: datetime = moment(now=True)


class TouchedContact(SQLModel, table=True):
    """A contact whose orders changed, until its cell and segments are brought up to date. Written by a trigger."""

    __tablename__ = "touched_contact"

    seq: int = Field(
        default=None, sa_type=BigInteger, sa_column_args=[Identity(always=True)], primary_key=True, nullable=False
    )
    contact_id: UUID = Field(sa_type=Uuid)


class FigureZone(SQLModel, table=True):
    """The one row that says in which zone's days the daily figures are kept."""

    __tablename__ = "figure_zone"

    zone: str = line(primary_key=True)


class DailyFigure(SQLModel, table=True):
    """Orders and their sum of one day, store, source, currency and status.

    A trigger appends what each statement changed, so that two requests never wait for each other; rows of one key
    are added up by who reads, and folded into one at night.
    """

    __tablename__ = "daily_figure"
    __table_args__ = (Index("ix_daily_figure_day", "day"),)

    seq: int = Field(
        default=None, sa_type=BigInteger, sa_column_args=[Identity(always=True)], primary_key=True, nullable=False
    )
    day: date
    store_id: str | None = line(optional=True)
    source: str = line()
    currency: str = line()
    status: str = line()
    orders: int = Field(sa_type=BigInteger)
    total: Decimal = money(optional=False)
