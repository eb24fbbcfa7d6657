"""What is answered to who tries an automation, for the OpenAPI document; automation.simulation makes it."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Json = dict[str, Any]  # Any: JSON


class _Out(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class TestLaunchedOut(_Out):
    """A test run that was started."""

    __test__ = False  # no test of pytest's

    run_id: UUID = Field(description="The run, as `GET /api/v1/runs/{run_id}` shows it.")
    workflow_id: str = Field(description="Its id in Temporal.")
    event_type: str = Field(description="Type of the event that it was started with.")
    test: Literal[True] = Field(description="Counted nowhere.")
    note: str | None = Field(None, description="Present when such an event does not start the automation otherwise.")


class SimulatedEvent(_Out):
    """An event of a simulation."""

    type: str = Field(description="Its type; of an order `order<STATUS>`.")
    key: str = Field(description="Its key; of an order the externalOrderId.")
    at: datetime = Field(description="When it comes.")


class SimulatedMessage(_Out):
    """A message that would be sent. Without its template it has no content, with a wrong one an `error` instead."""

    channel: str
    template: str
    subject: str | None = Field(None, description="One line; empty when the template has none.")
    text: str | None = Field(None, description="The text part.")
    html: str | None = Field(None, description="The HTML part; null when the template has none.")
    locale: str | None = Field(None, description="Its language; absent for the template itself.")
    error: str | None = Field(None, description="Why the template cannot be rendered.")


class SimulatedStep(_Out):
    """One thing on the way. What it has besides depends on its kind."""

    step: str | None = Field(description="Id of the step; null for what belongs to none.")
    kind: str = Field(description="Kind of the step; `stopped`, `shifted` and `end` for what happens to the run.")
    at: datetime = Field(description="When, in virtual time.")
    sentence: str
    branch: str | None = Field(None, description="Which branch was taken.")
    because: Json | None = Field(None, description="The condition and the value that decided.")
    due_at: datetime | None = Field(None, description="When a wait ends, or what was moved to.")
    notes: list[str] | None = Field(None, description="Why a wait ends then.")
    event: SimulatedEvent | None = Field(None, description="What stopped the run.")
    message: SimulatedMessage | None = Field(None, description="What would be sent.")
    code: str | None = Field(None, description="Why a message would not be sent, such as `too_late`.")


class Simulated(_Out):
    """The way of one event through an automation."""

    automation: str
    event: SimulatedEvent = Field(description="What begins it.")
    outcome: Literal["started", "not_matched"] = Field(description="What the event means for the automation.")
    reason: Json | None = Field(None, description="Why: a stable code and its facts.")
    sentence: str
    steps: list[SimulatedStep] = Field(description="What would happen, in order; empty when nothing starts.")
    notes: list[str] = Field(description="What the simulation supposes.")
