"""What a backtest is asked and what it answers; both cross Temporal. Ids and counts, nothing personal."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from core.contracts import Contract

BACKTEST_WORKFLOW = "Backtest"
MOST_EXAMPLES = 5
"""Of each kind."""


def backtest_id(number: UUID) -> str:
    """Temporal's workflow id of a backtest."""
    return f"backtest/{number}"


class BacktestAsked(Contract):
    """A definition and a time."""

    definition: dict[str, Any]  # JSON of automation.definition.Definition
    since: datetime
    until: datetime
    most_messages: int = 3
    """Contacts who would get more than so many messages in any 7 days are counted."""
    historical: bool = False
    """Whether orders imported as history act, at the moments at which they came about."""


class BacktestProgress(Contract):
    """How far a backtest is."""

    done: int = 0
    """Events."""
    total: int = 0


class _Told(Contract):
    """A part of the report; the API tells it under the names of JavaScript."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class Example(_Told):
    """One case to look at."""

    at: datetime
    key: str
    """Of the event: an externalOrderId."""
    contact_id: UUID | None = None
    step: str | None = None
    detail: str = ""


class BacktestDay(_Told):
    """A day of the account's zone."""

    day: date
    launches: int = 0
    hours: tuple[int, ...]
    """Messages in each of the 24 hours."""

    @property
    def sends(self) -> int:
        """Messages of the day."""
        return sum(self.hours)


class LiveFigures(_Told):
    """What the automation of the same name really did in the same time; test launches are not counted."""

    versions: tuple[int, ...] = ()
    launches: int = 0
    stopped: int = 0
    sends: int = 0
    sends_by_step: dict[str, int] = Field(default_factory=dict)
    skipped: dict[str, int] = Field(default_factory=dict)


class BacktestReport(_Told):
    """What would have happened."""

    automation: str
    since: datetime = Field(alias="from")
    until: datetime = Field(alias="to")
    zone: str
    events: int = 0
    """Events in this time."""
    launches: int = 0
    not_matched: int = 0
    suppressed: dict[str, int] = Field(default_factory=dict)
    """Launches refused, by rule."""
    stopped: int = 0
    waiting: int = 0
    """Runs that had not ended at the end of the time."""
    sends: int = 0
    sends_by_step: dict[str, int] = Field(default_factory=dict)
    skipped: dict[str, int] = Field(default_factory=dict)
    """Messages not sent for another reason than a stop, by code."""
    prevented: int = 0
    """Messages that a stop kept back and that would have been due in this time."""
    shifted: dict[str, int] = Field(default_factory=dict)
    """Moments that a holiday or the allowed send time moved."""
    most_messages: int = 3
    contacts_over: int = 0
    """Contacts with more than `most_messages` in any 7 days."""
    days: tuple[BacktestDay, ...] = ()
    examples: dict[str, tuple[Example, ...]] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What the backtest supposes."""
    live: LiveFigures | None = None
