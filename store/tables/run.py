"""What automations did: decisions and runs."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
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
        Index("ix_run_due_at", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_run_order_id", "order_id"),
        Index("ix_run_failed", "event_id", postgresql_where=text("state = 'failed'")),
    )

    id: UUID = id_column()
    automation_id: UUID = reference("automation.id", index=True)
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
    created_at: datetime = moment(now=True)
    started_at: datetime | None = moment(optional=True)
    ended_at: datetime | None = moment(optional=True)


class Decision(SQLModel, table=True):
    """What one event meant for one automation, and why. One event can stop a run and start another."""

    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("event_id", "automation_id", "outcome"),)

    id: UUID = id_column()
    event_id: UUID = reference("order_event.id", on_delete="CASCADE")
    automation_id: UUID = reference("automation.id", index=True)
    version_id: UUID = reference("automation_version.id")
    outcome: str = line()
    reason: dict[str, Any] = json(optional=False)
    run_id: UUID | None = reference("run.id", optional=True, index=True)
    decided_at: datetime = moment(now=True)
