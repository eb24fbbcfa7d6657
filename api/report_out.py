"""What the routes of reports answer, for the OpenAPI document."""

from datetime import date
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from core.document import OrderStatus

Row = TypeVar("Row", bound=BaseModel)


class _Out(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class Previous(_Out, Generic[Row]):
    """The same of the days right before."""

    since: date = Field(alias="from", description="First day.")
    until: date = Field(alias="to", description="Last day, included.")
    rows: list[Row] = Field(description="As those of the days that were asked for.")


class _Report(_Out, Generic[Row]):
    rows: list[Row] = Field(description="By the first columns; what nothing is counted for has no row.")
    previous: Previous[Row] | None = Field(None, description="With `compare=previous`; else left out.")


class RevenueRow(_Out):
    """Orders of a period in one currency."""

    period: date = Field(description="Its first day; the first period may begin later.")
    currency: str = Field(description="ISO 4217.")
    orders: int = Field(ge=0, description="How many are DELIVERED.")
    revenue: float = Field(description="Their sum.")
    average_check: float | None = Field(description="Revenue by order, to cents; null without such orders.")
    expected_orders: int = Field(ge=0, description="How many are INITIALIZED or IN_PROGRESS.")
    expected: float = Field(description="Their sum.")
    cancelled_orders: int = Field(ge=0, description="How many are CANCELLED.")
    cancelled: float = Field(description="Their sum.")


class CustomersRow(_Out):
    """Customers of a period."""

    period: date = Field(description="Its first day; the first period may begin later.")
    new: int = Field(ge=0, description="Whose first DELIVERED order lies in it.")
    returning: int = Field(ge=0, description="Who had bought before it began.")


class FunnelRow(_Out):
    """Orders of a status."""

    status: OrderStatus = Field(description="Which status.")
    now: int = Field(ge=0, description="How many have it.")
    ever: int = Field(ge=0, description="How many had it, as far as their events tell.")
    median_seconds: float | None = Field(description="From their first status to this one; null when none had it.")


class TransitionsRow(_Out):
    """Orders that came from one status to another."""

    from_status: OrderStatus = Field(description="The status before.")
    to_status: OrderStatus = Field(description="The next one.")
    orders: int = Field(ge=0, description="How many.")
    median_seconds: float = Field(description="Between the two.")


class AutomationsRow(_Out):
    """An automation, and what its messages led to in one currency."""

    automation: str
    runs: int = Field(ge=0, description="Launched in these days.")
    sent: int = Field(ge=0, description="Messages of those runs that were sent.")
    opened: int = Field(ge=0, description="How many of them were opened or clicked.")
    clicked: int = Field(ge=0, description="How many of them were clicked.")
    currency: str | None = Field(description="ISO 4217; null without orders.")
    orders: int = Field(ge=0, description="DELIVERED orders placed in these days that its messages led to.")
    revenue: float = Field(description="Their sum.")


class RevenueReport(_Report[RevenueRow]):
    """Revenue by period and currency."""


class CustomersReport(_Report[CustomersRow]):
    """Customers by period."""


class FunnelReport(_Report[FunnelRow]):
    """Orders by status; each has a row."""


class TransitionsReport(_Report[TransitionsRow]):
    """Orders by the way that they went."""


class AutomationsReport(_Report[AutomationsRow]):
    """Automations by name."""
