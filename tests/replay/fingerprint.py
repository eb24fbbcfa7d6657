"""What a workflow asked of Temporal, in order: its fingerprint. A change of it needs workflow.patched()."""

import json
from itertools import zip_longest

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory


def commands(history: WorkflowHistory) -> list[str]:
    """One word for each command: what it is, and which activity, if any."""
    return [word for event in history.events if (word := _word(event))]


def _word(event: HistoryEvent) -> str | None:
    match event.event_type:
        case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            return f"activity {event.activity_task_scheduled_event_attributes.activity_type.name}"
        case EventType.EVENT_TYPE_MARKER_RECORDED:
            marker = event.marker_recorded_event_attributes
            data = marker.details["data"].payloads[0].data if "data" in marker.details else b"{}"
            return f"{marker.marker_name} {json.loads(data).get('activity_type', '')}".strip()
        case EventType.EVENT_TYPE_TIMER_STARTED | EventType.EVENT_TYPE_TIMER_CANCELED:
            return EventType.Name(event.event_type)
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED | EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED:
            return EventType.Name(event.event_type)
    return None


def difference(name: str, kept: list[str], fresh: list[str]) -> str | None:
    """The first command that is another one than it was, in words; None when they are the same."""
    for number, (was, now) in enumerate(zip_longest(kept, fresh), start=1):
        if was != now:
            said_was = f"was `{was}`" if was else "was not there"
            said_now = f"is now `{now}`" if now else "is not there now"
            return (
                f"{name}: command {number} {said_was} and {said_now}. "
                "Put the change behind workflow.patched() and keep a new history."
            )
    return None
