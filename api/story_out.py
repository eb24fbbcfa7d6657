"""The timeline of an order, for the OpenAPI document."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class TimelineEntry(BaseModel):
    """One thing that happened. What else it has depends on its kind: states, reasons, ids of what it belongs to."""

    model_config = ConfigDict(alias_generator=to_camel, extra="allow")

    kind: Literal["event", "decision", "run", "message"] = Field(description="What it is.")
    at: datetime = Field(description="When it happened.")
    id: UUID | None = Field(None, description="Its id; a decision has none.")
    sentence: str | None = Field(None, description="What came of it and why, for people; an event has none.")


class Timeline(BaseModel):
    """All that happened to an order, oldest first."""

    model_config = ConfigDict(alias_generator=to_camel)

    external_order_id: str = Field(description="The shop's id.")
    order_id: UUID = Field(description="Our id.")
    entries: list[TimelineEntry] = Field(description="Events, decisions, runs and messages, oldest first.")
