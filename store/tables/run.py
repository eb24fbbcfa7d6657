"""What automations did: decisions and runs."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from store.tables.base import id_column, json, line, moment, reference


class RunState(StrEnum):
    """`pending` until its workflow started; `waiting` has a due moment; the last three are final."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


OPEN_STATES = (RunState.PENDING, RunState.RUNNING, RunState.WAITING)
_AWAITS = text("awaited_step IS NOT NULL")
_OPEN = text("state IN ('pending', 'running', 'waiting')")


class Outcome(StrEnum):
    """What an event meant for an automation."""

    STARTED = "started"
    SIGNALLED = "signalled"
    STOPPED = "stopped"
    SUPPRESSED = "suppressed"
    NOT_MATCHED = "not_matched"


class Run(SQLModel, table=True):
    """One launch of a version for one event. `dedupe_key` is what makes a launch unique."""

    __tablename__ = "run"
    __table_args__ = (
        Index("ix_run_order_open", "order_id", postgresql_where=_OPEN),
        Index("ix_run_contact_open", "contact_id", postgresql_where=_OPEN),
        Index("ix_run_contact_id_automation_id", "contact_id", "automation_id"),
        Index("ix_run_automation_open", "automation_id", "id", postgresql_where=_OPEN),
        Index(
            "ix_run_standing",
            *("automation_id", "version_id", "state", "step_id"),
            postgresql_where=text(f"{_OPEN} AND stop IS NULL AND NOT test"),
        ),
        Index("ix_run_due_at", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_run_order_id", "order_id"),
        Index("ix_run_awaiting_order", "order_id", postgresql_where=_AWAITS),
        Index("ix_run_awaiting_contact", "contact_id", postgresql_where=_AWAITS),
        Index("ix_run_state_id", "state", "id"),
        Index("ix_run_automation_id_id", "automation_id", "id"),
        Index("ix_run_failed", "event_id", postgresql_where=text("state = 'failed'")),
    )

    id: UUID = id_column()
    automation_id: UUID = reference("automation.id")
    version_id: UUID = reference("automation_version.id")
    event_id: UUID | None = reference("order_event.id", optional=True, index=True, on_delete="SET NULL")
    """None once the event was deleted or is too old to be kept."""
    event_seq: int = Field(sa_column_kwargs={"comment": "order_event.seq, so that a stop check needs no join"})
    order_id: UUID | None = reference("order.id", optional=True, on_delete="SET NULL")
    contact_id: UUID | None = reference("contact.id", optional=True)
    dedupe_key: str = line(unique=True)
    state: str = line(default=RunState.PENDING)
    step_id: str | None = line(optional=True)
    due_at: datetime | None = moment(optional=True)
    stop: dict[str, Any] | None = json()
    test: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})  # counted nowhere
    test_to: str | None = line(optional=True)  # where the messages of a test go, instead of to the contact
    stop_event_id: UUID | None = reference("order_event.id", optional=True, index=True, on_delete="SET NULL")
    awaited_step: str | None = line(optional=True)  # the wait_for step where it sleeps; the next five belong to it
    awaited_by: str | None = line(optional=True)  # order or contact
    awaited_types: list[str] | None = Field(default=None, sa_type=ARRAY(Text), nullable=True)
    awaited_after: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    """order_event.seq of the last event before the wait began."""
    awaited_event_id: UUID | None = reference("order_event.id", optional=True, index=True, on_delete="SET NULL")
    """The event that came."""
    seen_order_id: UUID | None = reference("order.id", optional=True, on_delete="SET NULL")
    """The order that get_order loaded, when it is another than the run's own."""
    created_at: datetime = moment(now=True)
    started_at: datetime | None = moment(optional=True)
    ended_at: datetime | None = moment(optional=True)


class StepResult(SQLModel, table=True):
    """What came of a step, for the conditions and templates behind it: `steps.<id>` in facts."""

    __tablename__ = "step_result"

    run_id: UUID = Field(sa_type=Uuid, primary_key=True, foreign_key="run.id", ondelete="CASCADE")
    step_id: str = line(primary_key=True)
    result: dict[str, Any] = json(optional=False)
    event_id: UUID | None = reference("order_event.id", optional=True, index=True, on_delete="SET NULL")
    """The event that a wait_for got; its parameters are read where they are stored."""
    at: datetime = moment(now=True)


class Decision(SQLModel, table=True):
    """What one event meant for one automation, and why. One event can stop a run and start another."""

    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("event_id", "automation_id", "outcome"),)

    id: UUID = id_column()
    event_id: UUID = reference("order_event.id", on_delete="CASCADE")
    automation_id: UUID = Field(sa_type=Uuid, index=True)  # no foreign keys to what is never deleted: many rows
    version_id: UUID = Field(sa_type=Uuid)
    outcome: str = line()
    reason: dict[str, Any] = json(optional=False)
    run_id: UUID | None = reference("run.id", optional=True, index=True)
    decided_at: datetime = moment(now=True)


class Unmatched(SQLModel, table=True):
    """Why an event did not start automations that listen to it: `not_matched`, those of one event together."""

    __tablename__ = "unmatched"

    event_id: UUID = Field(sa_type=Uuid, primary_key=True, foreign_key="order_event.id", ondelete="CASCADE")
    decisions: dict[str, Any] = Field(sa_type=JSON(none_as_null=True), nullable=False)
    """Version's id → reason. As text, which takes half the time to write: it is rarely read."""
    decided_at: datetime = moment(now=True)
