"""Regular automations: what Temporal's schedules were told, and how far each look at a segment has come."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Integer, Uuid, text
from sqlmodel import Field, SQLModel

from store.tables.base import line, moment


class RegularSchedule(SQLModel, table=True):
    """The Temporal Schedule of an automation as it was last kept: which version it follows, live or paused."""

    __tablename__ = "regular_schedule"

    automation_id: UUID = Field(sa_type=Uuid, primary_key=True, foreign_key="automation.id", ondelete="CASCADE")
    version_id: UUID = Field(sa_type=Uuid)
    state: str = line()
    kept_at: datetime = moment(now=True)


class RegularLaunch(SQLModel, table=True):
    """How far one scheduled look at a segment has come: members up to `after` have had their turn."""

    __tablename__ = "regular_launch"

    automation_id: UUID = Field(sa_type=Uuid, primary_key=True, foreign_key="automation.id", ondelete="CASCADE")
    due_at: datetime = Field(sa_type=DateTime(timezone=True), primary_key=True)
    segment_id: UUID | None = Field(default=None, sa_type=Uuid, nullable=True)
    """The segment that it looks at; one that another version starts from is for the next look."""
    after: UUID | None = Field(default=None, sa_type=Uuid, nullable=True)
    launched: int = Field(default=0, sa_type=Integer, sa_column_kwargs={"server_default": text("0")})
    """Members that have an event of this look."""
    known: int = Field(default=0, sa_type=Integer, sa_column_kwargs={"server_default": text("0")})
    """Members without: an earlier run stands in the way, as a decision has told already."""
    done: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    reason: str | None = line(optional=True)
    """Why it ended before the last member: paused, archived, changed, no_segment."""
    began_at: datetime = moment(now=True)
    ended_at: datetime | None = moment(optional=True)
