"""What the routes of segments answer, for the OpenAPI document."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.paging import PageOut
from store.tables.segment import SegmentKind

MOST_MEMBERS = 1000
"""In one page, and in one request."""


class SegmentOut(BaseModel):
    """A segment."""

    model_config = ConfigDict(alias_generator=to_camel)

    name: str = Field(description="Its name.")
    kind: SegmentKind = Field(
        description="`static` has the members that it was given, `dynamic` those that its definition finds."
    )
    definition: dict[str, Any] | None = Field(
        description="Of a dynamic one, see /api/v1/segments/schema; else null."
    )  # Any: JSON
    updated_at: datetime = Field(description="When it was made or its definition last changed.")
    calculated_at: datetime | None = Field(
        description="When a full pass last found its members; null before the first since then, and of a static one."
    )


class ListedSegment(SegmentOut):
    """A segment of the list."""

    members: int = Field(ge=0, description="How many it has.")


class SegmentsOut(BaseModel):
    """Every segment."""

    segments: list[ListedSegment] = Field(description="By name.")


class SegmentPreview(BaseModel):
    """What a definition finds now."""

    count: int = Field(ge=0, description="How many contacts.")
    sample: list[UUID] = Field(max_length=10, description="Ids of some of them.")
    cost: Literal["cheap", "fair", "dear"] = Field(description="What PostgreSQL's planner thinks of the statement.")


class SegmentMemberOut(BaseModel):
    """A contact that is in the segment."""

    model_config = ConfigDict(alias_generator=to_camel)

    id: UUID = Field(description="Id of the contact.")
    added_at: datetime = Field(description="Since when.")
    source: str = Field(description="What brought it, such as `key:0a1b2c3d4e5f`.")


class SegmentMembersPage(PageOut):
    """One page of the members."""

    members: list[SegmentMemberOut] = Field(max_length=MOST_MEMBERS, description="Newest contact first.")


class MembersChanged(BaseModel):
    """What was done to the members."""

    changed: int = Field(ge=0, description="How many came, or went; who was there before, or was not, is not counted.")
