"""What the routes of attribution answer, for the OpenAPI document."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.paging import MOST_LISTED, PageOut


class _Out(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class AttributionRow(_Out):
    """Messages that belong together, and what they led to in one currency."""

    automation: str | None = Field(None, description="Its name; left out `by` message.")
    version: int | None = Field(None, description="Number of the version; only `by` version.")
    step: str | None = Field(None, description="Id of the step; only `by` step.")
    channel: str | None = Field(None, description="By which channel; only `by` message.")
    template: str | None = Field(None, description="Name of the template; only `by` message.")
    sent: int = Field(ge=0, description="Messages sent in these days; repeated for each currency, as the next three.")
    delivered: int = Field(ge=0, description="How many of them were delivered.")
    opened: int = Field(ge=0, description="How many of them were opened or clicked.")
    clicked: int = Field(ge=0, description="How many of them were clicked.")
    currency: str | None = Field(description="ISO 4217; null without orders.")
    orders: int = Field(ge=0, description="DELIVERED orders placed in these days that messages led to.")
    revenue: float = Field(description="Their sum.")
    expected_orders: int = Field(ge=0, description="INITIALIZED and IN_PROGRESS orders that messages led to.")
    expected: float = Field(description="Their sum.")


class ArmRow(_Out):
    """People who took an arm of a split, and what they bought after it in one currency."""

    automation: str
    split: str = Field(description="Id of the step that divided them.")
    arm: str = Field(description="Name of the arm.")
    holdout: bool = Field(description="The arm with which the others are compared.")
    contacts: int = Field(ge=1, description="How many took it.")
    converted: int = Field(ge=0, description="How many of them bought.")
    conversion: float = Field(description="The part of them that bought.")
    lift: float | None = Field(description="Conversion minus that of the holdout; null for a holdout, or without one.")
    lift_low: float | None = Field(description="Lower end of its interval; null when that cannot be told.")
    lift_high: float | None = Field(description="Upper end of its interval; null when that cannot be told.")
    currency: str | None = Field(description="ISO 4217; null when nobody bought.")
    orders: int = Field(ge=0, description="Their DELIVERED orders.")
    revenue: float = Field(description="The sum of those.")
    revenue_per_contact: float = Field(description="By who took the arm.")
    revenue_lift: float | None = Field(description="Revenue per contact minus that of the holdout; null as `lift`.")
    revenue_lift_low: float | None = Field(description="Lower end of its interval; null when that cannot be told.")
    revenue_lift_high: float | None = Field(description="Upper end of its interval; null when that cannot be told.")


class AttributionReport(BaseModel):
    """What messages led to."""

    rows: list[AttributionRow] | list[ArmRow] = Field(description="Of arms with `by=arm`, else of messages.")


class LedOrder(_Out):
    """An order and the message that led to it."""

    id: UUID = Field(description="Our id of the order.")
    external_order_id: str = Field(description="The shop's id.")
    status: Literal["DELIVERED", "INITIALIZED", "IN_PROGRESS"] = Field(description="The status now.")
    currency: str = Field(description="ISO 4217.")
    total_cost: float = Field(description="An exact decimal number.")
    placed: datetime = Field(description="When it was placed.")
    automation: str
    version: int
    step: str
    channel: str
    template: str
    message_id: UUID = Field(description="Our id of the message.")
    sent_at: datetime | None
    kind: Literal["clicked", "opened"] = Field(description="What its contact did.")
    at: datetime = Field(description="When.")


class LedOrdersPage(PageOut):
    """One page of the orders."""

    orders: list[LedOrder] = Field(max_length=MOST_LISTED, description="The one that arrived last first.")
