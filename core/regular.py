"""What crosses Temporal about regular automations: a scheduled look at a segment, and how far it has come."""

from datetime import datetime
from uuid import UUID

from temporalio.common import SearchAttributeKey

from core.contracts import Contract

LAUNCH_MEMBERS_WORKFLOW = "LaunchMembers"
SCHEDULED_AT = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")
"""When a Schedule meant a workflow to start; Temporal sets it itself."""
FIRST = UUID(int=0)


def regular_schedule_id(automation_id: UUID) -> str:
    """The Temporal Schedule of an automation that starts from a segment, and the beginning of its looks' ids."""
    return f"regular/{automation_id}"


class Look(Contract):
    """One look at the segment of an automation. The schedule gives the automation alone."""

    automation_id: UUID
    due_at: datetime | None = None
    """When it was to begin; None until the workflow has begun."""
    after: UUID = FIRST
    """Members up to this one have had their turn."""
    launched: int = 0
    """Members that were told to the automation."""
    known: int = 0
    """Members left out: an earlier run stands in the way, and that has been decided once already."""
    done: bool = False
    pause_seconds: float = 0
    """How long to wait before the next piece, so that the runs keep to their rate."""
