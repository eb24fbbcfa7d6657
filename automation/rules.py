"""Start and stop rules: which events begin a run of an automation, and which end it."""

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from automation.condition import Condition
from automation.conditions import Check, compile_condition
from automation.durations import PositiveDuration
from automation.part import ChannelName, EventTypes, Name, Part
from automation.schedule import Schedule


class UniqueWithin(Part):
    """At most one run for the contact or order in a length of time: `{ per: contact, within: 7d }`."""

    per: Literal["contact", "order"]
    """One run for each contact, or for each order."""
    within: PositiveDuration
    """In such a time, such as 7d."""


Unique = Annotated[
    Annotated[Literal["once_per_status", "once_per_order", "once_per_contact", "each_time"], Tag("(word)")]
    | Annotated[UniqueWithin, Tag("(within)")],
    Discriminator(lambda value: "(word)" if isinstance(value, str) else "(within)"),
]


class Start(Part):
    """What begins a run: an event, or a look at a segment on a schedule."""

    event: EventTypes = ()
    """The event that starts a run, or several."""
    segment: Name | None = None
    """Instead of an event: whoever is in this segment."""
    schedule: Schedule | None = None
    """When the segment is looked at."""
    where: Condition | None = None
    """Only when this holds."""
    unique: Unique = "once_per_status"
    """By default once for each order and event type; each member of a segment once in its life."""
    if_running: Literal["start", "skip", "replace"] = "start"
    """What to do when a run of this automation for the same contact has not ended."""

    @model_validator(mode="before")
    @classmethod
    def _members_start_once(cls, value: object) -> object:
        if isinstance(value, dict) and "segment" in value and "unique" not in value:
            return {**value, "unique": "once_per_contact"}
        return value

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        remedy = ""
        by_order = self.unique in ("once_per_status", "once_per_order")
        if bool(self.event) == (self.segment is not None):
            remedy = "a start needs either event, or segment with schedule"
        elif (self.segment is None) != (self.schedule is None):
            remedy = "segment and schedule belong together"
        elif self.segment and (by_order or (isinstance(self.unique, UniqueWithin) and self.unique.per == "order")):
            remedy = (
                "a start from a segment has no order: write once_per_contact, each_time or { per: contact, within }"
            )
        if remedy:
            raise PydanticCustomError("start", "{text}", {"text": remedy})
        return self

    @cached_property
    def check(self) -> Check | None:
        """`where`, compiled."""
        return compile_condition(self.where, "start.where") if self.where else None


class StopOnEvent(Part):
    """Ends runs of the same order (or contact) when an event comes."""

    event: EventTypes = Field(min_length=1)
    """The event that ends the run, or several."""
    match: Literal["order", "contact"] = "order"
    """Of the same order, or of the same contact."""
    where: Condition | None = None
    """Only when this holds."""

    @cached_property
    def check(self) -> Check | None:
        """`where`, compiled."""
        return compile_condition(self.where, "where") if self.where else None


class StopOnUnsubscribe(Part):
    """Ends runs of a contact who unsubscribes from a channel."""

    unsubscribed: ChannelName
    """The channel, such as email."""


def _rule_tag(value: object) -> str | None:
    if isinstance(value, dict):
        return next((f"({key})" for key in ("event", "unsubscribed") if key in value), None)
    return "(event)" if isinstance(value, StopOnEvent) else "(unsubscribed)"


StopRule = Annotated[
    Annotated[StopOnEvent, Tag("(event)")] | Annotated[StopOnUnsubscribe, Tag("(unsubscribed)")],
    Discriminator(
        _rule_tag, custom_error_type="stop", custom_error_message="a stop rule has either event or unsubscribed"
    ),
]
