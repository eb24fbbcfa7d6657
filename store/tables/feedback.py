"""What was told of messages after they went out."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from store.tables.base import id_column, line, moment, reference


class MessageFeedback(SQLModel, table=True):
    """One thing that happened to a message, told by a provider or by a link of our own. See core.feedback."""

    __tablename__ = "message_feedback"
    __table_args__ = (
        UniqueConstraint("source", "event_id"),
        Index("ix_message_feedback_message_id_kind_at", "message_id", "kind", "at"),
        Index(
            "ix_message_feedback_kind_at",
            "kind",
            "at",
            postgresql_include=["message_id"],
            postgresql_where=text("kind IN ('clicked', 'opened')"),
        ),
    )

    id: UUID = id_column()
    message_id: UUID = reference("message.id", on_delete="CASCADE")
    source: str = line()
    event_id: str = line()
    kind: str = line()
    at: datetime = moment()
    url: str | None = line(optional=True)
    code: str | None = line(optional=True)
    received_at: datetime = moment(now=True)


class FeedbackTally(SQLModel, table=True):
    """How many messages of providers were not recorded, by day (UTC) and why."""

    __tablename__ = "feedback_tally"

    day: date = Field(primary_key=True)
    source: str = line(primary_key=True)
    outcome: str = line(primary_key=True)
    count: int = Field(sa_type=BigInteger)
