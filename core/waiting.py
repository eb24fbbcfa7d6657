"""What crosses Temporal about waits: events that came, and what operators ask."""

from datetime import datetime
from uuid import UUID

from core.contracts import Contract, Stop


class Arrived(Contract):
    """The event that a run waits for has come."""

    step_id: str
    event_id: UUID
    event_type: str


class Waited(Contract):
    """Which way a wait_for takes: `then` for an event, `else` for the timeout."""

    branch: str = "else"
    stop: Stop | None = None


class MoveWait(Contract):
    """What an operator asks of a run that waits: to go on at a moment; None is at once."""

    to: datetime | None = None


class Moved(Contract):
    """A wait is due at another moment."""

    run_id: UUID
    step_id: str
    due_at: datetime
