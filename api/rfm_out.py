"""What the routes of RFM answer, for the OpenAPI document."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.paging import MOST_LISTED, PageOut
from core.segments.rfm import BEST, GroupName


class _Out(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class _Asked(_Out):
    as_of: datetime = Field(description="Orders dated later are not counted.")
    currency: str = Field(description="Whose money is added up: ISO 4217.")


class RfmCell(_Out):
    """A cell of the grid."""

    recency: int = Field(ge=0, description="Number of the recency; 0 is never.")
    frequency: int = Field(ge=0, description="Number of the frequency.")
    contacts: int = Field(ge=0, description="How many are in it.")
    orders: int = Field(ge=0, description="How many DELIVERED orders in the currency they have.")
    revenue: float = Field(description="The sum of those.")
    average_check: float | None = Field(description="Revenue by order, to cents; null without such orders.")


class RfmGrid(_Asked):
    """The grid."""

    rows: list[RfmCell] = Field(description="The cells in which somebody is, by recency and frequency.")
    recency: list[str] = Field(description="Headings of the recencies, by their number.")
    frequency: list[str] = Field(description="Headings of the frequencies, by their number.")


class RfmScore(BaseModel):
    """Contacts that have the same three scores."""

    r: int = Field(ge=1, le=BEST, description="Score of the last date.")
    f: int = Field(ge=1, le=BEST, description="Score of the number of orders.")
    m: int = Field(ge=1, le=BEST, description="Score of the revenue.")
    group: GroupName = Field(description="Name of the group to which r and f belong.")
    contacts: int = Field(ge=0, description="How many they are.")
    revenue: float = Field(description="Of their DELIVERED orders in the currency.")


class RfmScores(_Asked):
    """The scores."""

    rows: list[RfmScore] = Field(description="The scores that somebody has, worst first.")


class RfmContact(BaseModel):
    """A contact of a cell."""

    id: UUID = Field(description="Id of the contact.")
    last: datetime | None = Field(description="Date of the last DELIVERED order; null without any.")
    orders: int = Field(ge=0, description="How many of them there are, in any currency.")
    revenue: float = Field(description="Of those in the currency.")


class RfmContactsPage(PageOut):
    """One page of the contacts of a cell."""

    contacts: list[RfmContact] = Field(max_length=MOST_LISTED, description="Newest contact first.")


class RfmFlow(_Out):
    """From one cell to another."""

    from_recency: int = Field(ge=0, description="Where they were; 0 is never.")
    from_frequency: int = Field(ge=0, description="Where they were.")
    to_recency: int = Field(ge=0, description="Where they came to; 0 is never.")
    to_frequency: int = Field(ge=0, description="Where they came to.")
    contacts: int = Field(ge=1, description="How many they are.")


class RfmFlows(BaseModel):
    """Who went where between two moments."""

    rows: list[RfmFlow] = Field(description="By the cell that they left.")


class RecalculationStarted(_Out):
    """The pass that brings all contacts up to date; it may have been at work before."""

    workflow_id: str = Field(description="Its id in Temporal.")


class RecalculationOut(BaseModel):
    """How far a pass has come. The counts are left out while no worker answers, and when it did not complete."""

    state: str = Field(
        description="`none`, `running`, `completed` or how else it ended, such as `failed`, `terminated`.",
        examples=["completed"],
    )
    contacts: int | None = Field(None, ge=0, description="How many it has looked at.")
    total: int | None = Field(None, ge=0, description="How many there were at its beginning.")
    moved: int | None = Field(None, ge=0, description="How many went to another cell.")
    entered: int | None = Field(None, ge=0, description="How many memberships began.")
    left: int | None = Field(None, ge=0, description="How many memberships ended.")
