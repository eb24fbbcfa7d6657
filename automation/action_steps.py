"""The steps that do one thing and go on to the next step."""

from datetime import time
from functools import cached_property
from typing import Annotated, ClassVar, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError

from automation.durations import Duration, PositiveDuration
from automation.fields import FieldPath, may_hold_date
from automation.part import AUTHORED, ChannelName, EventType, Name, Part, Scalar
from automation.schedule import WEEKDAYS, Clock, Country, Weekdays, WindowChoice, Zone, read_clock
from automation.step import Step
from core.tracking import Track


class GetOrderStep(Step):
    """Loads an order as it is now; later steps and messages see this version.

    By default the event's order, or the latest one of the contact when a segment started the run.
    """

    kind: ClassVar[str] = "get_order"
    order_id: str | None = None
    """Our id of the order, such as `${orderId}`. `id: ${orderId}` is read as this."""
    external_id: str | None = None
    """The shop's id of the order, such as `${eventKey}`."""

    @classmethod
    def _in_document(cls, body: JsonSchemaValue) -> JsonSchemaValue:
        body["properties"]["id"] = {"type": "string", "title": "Id"}  # a step's id, or a reference to an order
        return super()._in_document(body)

    @model_validator(mode="after")
    def _one_order(self) -> Self:
        if self.order_id is not None and self.external_id is not None:
            raise PydanticCustomError("order", "write either order_id or external_id")
        return self


class FrequencyCap(Part):
    """At most so many messages to one contact by the step's channel in so many days (of 24 hours)."""

    at_most: Annotated[int, Field(ge=1, le=1000)]
    """So many messages."""
    days: Annotated[int, Field(ge=1, le=365)]
    """In so many days."""


class SendStep(Step):
    """Sends a message that a template makes."""

    kind: ClassVar[str] = "send"
    channel: ChannelName
    """How the message goes, such as email or sms."""
    template: Name
    """Which template makes the message."""
    to: Annotated[str, Field(min_length=1, max_length=320)] | None = None
    """By default the contact's address."""
    window: WindowChoice = "account"
    """Allowed send time: that of the account, none, or one of its own."""
    not_after: PositiveDuration | None = None
    """Skip when later than this after it was due."""
    obligatory: bool = False
    """An order status message: only a hard suppression holds it back."""
    topic: Name | None = None
    """What it is about, such as news: people may unsubscribe from one topic alone."""
    cap: FrequencyCap | None = None
    """Skip when the contact has had as many; that of the account holds besides."""
    track: Track | None = None
    """What is followed of an e-mail; by default what the account says."""


class WaitStep(Step):
    """Sleeps. First `for` or `until`, then the first moment at or after that satisfies the rest."""

    kind: ClassVar[str] = "wait"
    for_: PositiveDuration | None = Field(default=None, alias="for")
    """How long, such as 10d or 36h; a day is a calendar day of the zone."""
    until: FieldPath | None = None
    """A field that holds a date or moment; when it is missing or past there is nothing to wait for."""
    offset: Duration | None = None
    """Before (`-2d`) or after `until`."""
    at: Clock | None = None
    """The time of day at which the wait ends, such as 10:00."""
    on: Weekdays = ()
    """Only on these weekdays."""
    not_on: Weekdays = ()
    """Not on these weekdays."""
    holidays: Country | None = None
    """Whose public holidays are passed over."""
    zone: Zone = "contact"
    """Whose clock: contact, account, or an IANA name such as Europe/Kyiv."""

    @classmethod
    def _in_document(cls, body: JsonSchemaValue) -> JsonSchemaValue:
        return {"anyOf": [body, {"type": "string", "description": "The same as for.", "examples": ["10d"]}]}

    @field_validator("until")
    @classmethod
    def _dated(cls, until: str | None, info: ValidationInfo) -> str | None:
        if until is not None and info.context and info.context.get(AUTHORED) and not may_hold_date(until):
            raise ValueError(
                f"{until} holds no date; write order.date, or one of your own: order.additionalInfo.pickup"
            )
        return until

    @model_validator(mode="after")
    def _possible(self) -> Self:
        remedy = ""
        if self.for_ and self.until:
            remedy = "write either for or until"
        elif self.offset is not None and not self.until:
            remedy = "offset belongs to until"
        elif not (self.for_ or self.until or self.at or self.on):
            remedy = "a wait needs one of for, until, at, on"
        elif not any(self.days):
            remedy = "no day of the week is left by on and not_on"
        if remedy:
            raise PydanticCustomError("wait", "{text}", {"text": remedy})
        return self

    @cached_property
    def clock(self) -> time | None:
        """`at` as a time."""
        return read_clock(self.at) if self.at else None

    @cached_property
    def days(self) -> tuple[bool, ...]:
        """Which weekdays are allowed, Monday first."""
        return tuple(day not in self.not_on and (not self.on or day in self.on) for day in WEEKDAYS)


class UpdateContactStep(Step):
    """Sets fields of the contact."""

    kind: ClassVar[str] = "update_contact"
    set: Annotated[dict[Name, Scalar | None], Field(min_length=1, max_length=50)]
    """Field and new value; an empty value takes the field away."""


class AddToSegmentStep(Step):
    """Makes the contact a member of a static segment."""

    kind: ClassVar[str] = "add_to_segment"
    segment: Name
    """Name of the static segment."""


class RemoveFromSegmentStep(Step):
    """Ends the contact's membership in a static segment."""

    kind: ClassVar[str] = "remove_from_segment"
    segment: Name
    """Name of the static segment."""


class EmitStep(Step):
    """Makes a new event of the same contact, and order when there is one."""

    kind: ClassVar[str] = "emit"
    event: EventType
    """Type of the new event."""
    key: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    """By default the key of the event that started the run."""
    params: Annotated[dict[Name, Scalar], Field(max_length=100)] = Field(default_factory=dict)
    """Names and values that go along; ${name} stands for a parameter of the event."""


class WebhookStep(Step):
    """Calls an HTTPS address with a Standard Webhooks signature; the answer is in `steps.<id>.answer`."""

    kind: ClassVar[str] = "webhook"
    url: Annotated[str, Field(max_length=2000)]
    """An https address; its host is fixed text."""
    params: Annotated[dict[Name, Scalar], Field(max_length=100)] = Field(default_factory=dict)
    """Names and values that go along; ${name} stands for a parameter of the event."""
    timeout: PositiveDuration = Duration(seconds=10)
    """Longest wait for the answer, at most 60s."""

    @field_validator("url")
    @classmethod
    def _https(cls, url: str) -> str:
        host = url.removeprefix("https://").partition("/")[0]
        if not url.startswith("https://") or not host or "${" in host or any(c.isspace() for c in url):
            raise ValueError("write an address such as https://shop.example/hook; its host is fixed text")
        return url

    @field_validator("timeout")
    @classmethod
    def _short(cls, timeout: Duration) -> Duration:
        if timeout.months or timeout.days or timeout.seconds > 60:  # noqa: PLR2004 - a minute
            raise ValueError("an answer is awaited 60s at most")
        return timeout


class StopStep(Step):
    """Ends the run."""

    kind: ClassVar[str] = "stop"
    reason: Annotated[str, Field(max_length=200)] = ""
    """Told with the run."""
