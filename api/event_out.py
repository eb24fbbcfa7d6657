"""What the routes of events answer, for the OpenAPI document; api.event_document makes it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.paging import MOST_LISTED, PageOut
from api.run_document import RunMessage
from api.story_out import TimelineEntry
from store.tables.event import Effect
from store.tables.run import Outcome, RunState

Json = dict[str, Any]  # Any: JSON


class _Out(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class EventStored(_Out):
    """The event that was recorded. Keys for older clients get an empty body instead."""

    id: UUID
    contact_id: UUID | None = Field(description="Whose it is; null when nothing tells.")


class EventOut(_Out):
    """An event of the list."""

    id: UUID
    type: str = Field(description="Its type; of an order `order<STATUS>`.")
    key: str = Field(description="Its key; of an order the externalOrderId.")
    effect: Effect = Field(description="What it may do; only `acts` and, for some automations, `unchanged` start runs.")
    external_order_id: str | None = Field(description="The order that it is of.")
    contact_id: UUID | None = Field(description="Whose it is; null until that is known.")
    params: Json | None = Field(description="Its parameters.")
    source: str = Field(description="Who brought it, such as `api:<prefix of the key>`.")
    depth: int = Field(description="How many automations stand between it and what came from outside.")
    occurred_at: datetime = Field(description="When it came about.")
    received_at: datetime = Field(description="When it arrived.")
    decided_at: datetime | None = Field(description="When it was decided what follows from it; null before.")


class EventsPage(PageOut):
    """One page of the list, newest first."""

    events: list[EventOut] = Field(max_length=MOST_LISTED, description="Newest first.")


class EventType(_Out):
    """A type of event that has come."""

    type: str = Field(description="The type.")
    last_received_at: datetime = Field(description="When the last one arrived.")


class EventTypes(_Out):
    """All types of events that have come."""

    types: list[EventType] = Field(description="By name.")


class EventDecision(_Out):
    """What an automation made of the event."""

    automation: str
    version: int
    outcome: Outcome = Field(description="What came of it.")
    run_id: UUID | None = Field(description="The run that it is about.")
    at: datetime = Field(description="When it was decided.")
    reason: Json | None
    sentence: str


class EventRun(_Out):
    """A run that the event started."""

    id: UUID
    automation: str
    state: RunState
    step: str | None
    due_at: datetime | None
    stop: Json | None = Field(description="Why it was stopped.")
    ended_at: datetime | None
    sentence: str


class EventMessage(RunMessage):
    """A message of such a run."""

    run_id: UUID = Field(description="Of which run.")


class EventDetail(EventOut):
    """One event with what came of it."""

    order: Json | None = Field(description="The order as it was after the event.")
    decisions: list[EventDecision] = Field(description="One for each automation that was live.")
    runs: list[EventRun] = Field(description="The runs that it started.")
    messages: list[EventMessage] = Field(description="Their messages.")


class EventDecisions(_Out):
    """What the event meant for every automation that was live."""

    event_id: UUID = Field(description="Which event.")
    type: str = Field(description="Its type; of an order `order<STATUS>`.")
    key: str = Field(description="Its key; of an order the externalOrderId.")
    effect: Effect = Field(description="What it may do.")
    occurred_at: datetime = Field(description="When it came about.")
    received_at: datetime = Field(description="When it arrived.")
    decided_at: datetime | None = Field(description="When it was decided what follows from it; null before.")
    decisions: list[TimelineEntry] = Field(description="One for each automation, with its `run` as it is now.")
