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

_LAUNCHES = Field(0, description="Runs that began.")
_STOPPED = Field(0, description="Runs that ended before their last step.")
_SENDS = Field(0, description="Messages sent.")
_SENDS_BY_STEP: dict[str, int] = Field(default_factory=dict, description="Messages sent, by step.")
_SKIPPED: dict[str, int] = Field(
    default_factory=dict, description="Messages not sent for another reason than a stop, by code."
)


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

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    done: int = Field(0, description="Events that were looked at.")
    total: int = Field(0, description="Events in this time; 0 until they are counted.")


class _Told(Contract):
    """A part of the report; the API tells it under the names of JavaScript, with all its fields."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, json_schema_serialization_defaults_required=True
    )


class Example(_Told):
    """One case to look at."""

    at: datetime = Field(description="When.")
    key: str = Field(description="Of the event: an externalOrderId.")
    contact_id: UUID | None = Field(None, description="Whose it is.")
    step: str | None = Field(None, description="At which step; null when it has none.")
    detail: str = Field("", description="What there is to say of it, for people.")


class BacktestDay(_Told):
    """A day of the account's zone."""

    day: date = Field(description="The date.")
    launches: int = Field(0, description="Runs that began.")
    hours: tuple[int, ...] = Field(description="Messages in each of the 24 hours.")

    @property
    def sends(self) -> int:
        """Messages of the day."""
        return sum(self.hours)


class LiveFigures(_Told):
    """What the automation of the same name really did in the same time; test launches are not counted."""

    versions: tuple[int, ...] = Field((), description="Numbers of the versions that ran.")
    launches: int = _LAUNCHES
    stopped: int = _STOPPED
    sends: int = _SENDS
    sends_by_step: dict[str, int] = _SENDS_BY_STEP
    skipped: dict[str, int] = _SKIPPED


class BacktestReport(_Told):
    """What would have happened."""

    automation: str = Field(description="Name of the automation.")
    since: datetime = Field(alias="from", description="Events that came then or later.")
    until: datetime = Field(alias="to", description="Events that came earlier than this.")
    zone: str = Field(description="The account's zone, IANA name.")
    events: int = Field(0, description="Events in this time.")
    launches: int = _LAUNCHES
    not_matched: int = Field(0, description="Events of a type that starts it, and did not.")
    suppressed: dict[str, int] = Field(default_factory=dict, description="Launches refused, by rule.")
    stopped: int = _STOPPED
    waiting: int = Field(0, description="Runs that had not ended at the end of the time.")
    sends: int = _SENDS
    sends_by_step: dict[str, int] = _SENDS_BY_STEP
    skipped: dict[str, int] = _SKIPPED
    prevented: int = Field(0, description="Messages that a stop kept back and that would have been due in this time.")
    shifted: dict[str, int] = Field(
        default_factory=dict, description="Moments that a holiday or the allowed send time moved, by cause."
    )
    most_messages: int = Field(3, description="As it was asked.")
    contacts_over: int = Field(0, description="Contacts with more than `mostMessages` in any 7 days.")
    days: tuple[BacktestDay, ...] = Field((), description="Days with a launch or a message.")
    examples: dict[str, tuple[Example, ...]] = Field(
        default_factory=dict, description=f"By what was counted, at most {MOST_EXAMPLES} of each."
    )
    notes: tuple[str, ...] = Field((), description="What the backtest supposes.")
    live: LiveFigures | None = Field(None, description="Null when it launched nothing in this time.")
