"""The ledger: one row for each message that a run wanted to send."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from store.tables.base import json, line, moment, reference


class MessageState(StrEnum):
    """Where a message stands. `pending` may be tried again, `sending` is claimed, the rest is final or feedback."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


class Message(SQLModel, table=True):
    """A message. The id is uuid5(run, step): a second attempt finds the row of the first."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_run_id", "run_id"),
        Index("ix_message_created_at_id", "created_at", "id"),
        Index("ix_message_open", "updated_at", postgresql_where=text("state IN ('pending', 'sending', 'unknown')")),
        Index("ix_message_provider_id", "provider_id", postgresql_where=text("provider_id IS NOT NULL")),
        Index("ix_message_sent_at", "sent_at", postgresql_where=text("sent_at IS NOT NULL")),
        Index("ix_message_state_created_at_id", "state", "created_at", "id"),
        Index("ix_message_failed", "run_id", postgresql_where=text("state IN ('failed', 'bounced', 'unknown')")),
    )

    id: UUID = Field(primary_key=True)
    run_id: UUID = reference("run.id")
    step_id: str = line()
    channel: str = line()
    template: str = line()
    address: str | None = line(optional=True)
    state: str = line(default=MessageState.PENDING)
    reason: dict[str, Any] | None = json()  # code and facts of a skip, a failure, a delay
    provider: str | None = line(optional=True)
    provider_id: str | None = line(optional=True)
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    content: dict[str, Any] | None = json()  # subject, html, text as they were sent
    created_at: datetime = moment(now=True)
    updated_at: datetime = moment(now=True)
    sent_at: datetime | None = moment(optional=True)
    due_at: datetime | None = moment(optional=True)  # when its step was: the end of the last wait, or the run's start
    claimed_at: datetime | None = moment(optional=True)  # by the last attempt
    obligatory: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})  # no cap counts it
    delivered_at: datetime | None = moment(optional=True)  # when it first came so far; see core.feedback
    opened_at: datetime | None = moment(optional=True)
    clicked_at: datetime | None = moment(optional=True)
    bounced_at: datetime | None = moment(optional=True)
    complained_at: datetime | None = moment(optional=True)
    bounce: str | None = line(optional=True)  # hard or soft
