"""A timeline as entries in time order, each with a sentence."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from automation.prospect import what_follows
from automation.reasons import message_sentence, run_sentence, sentence
from store.timeline import Timeline

Entry = dict[str, Any]  # Any: JSON values


def tell(timeline: Timeline, zone: ZoneInfo | None = None) -> list[Entry]:
    """What happened, oldest first. Sentences name moments on the clock of `zone`, else of UTC."""
    dated = [
        *((event["received_at"], 0, _event(event)) for event in timeline.events),
        *((decision["decided_at"], 1, decision_entry(decision)) for decision in timeline.decisions),
        *((run["created_at"], 2, run_entry(run, zone)) for run in timeline.runs),
        *((message["created_at"], 3, message_entry(message)) for message in timeline.messages),
    ]
    return [entry for _, _, entry in sorted(dated, key=_moment)]


def _moment(dated: tuple[datetime, int, Entry]) -> tuple[datetime, int]:
    return dated[0], dated[1]


def _event(event: Entry) -> Entry:
    return {
        "kind": "event",
        "at": event["received_at"],
        "id": event["id"],
        "type": event["event_type"],
        "effect": event["effect"],
        "occurredAt": event["occurred_at"],
        "orderVersion": event["order_version"],
    }


def decision_entry(decision: Entry) -> Entry:
    """What an event meant for an automation."""
    return {
        "kind": "decision",
        "at": decision["decided_at"],
        "eventId": decision["event_id"],
        "automation": decision["automation"],
        "version": decision["version"],
        "outcome": decision["outcome"],
        "runId": decision["run_id"],
        "reason": decision["reason"],
        "sentence": sentence(decision["reason"]),
    }


def run_entry(run: Entry, zone: ZoneInfo | None = None) -> Entry:
    """A run: where it is, when it goes on and with what."""
    following = what_follows(run["definition"], run["state"], run["step_id"])
    return {
        "kind": "run",
        "at": run["created_at"],
        "id": run["id"],
        "eventId": run["event_id"],
        "automation": run["automation"],
        "version": run["version"],
        "test": run["test"],
        "state": run["state"],
        "step": run["step_id"],
        "dueAt": run["due_at"],
        "next": following,
        "startedAt": run["started_at"],
        "endedAt": run["ended_at"],
        "stop": run["stop"],
        "sentence": _marked(
            run["test"],
            run_sentence(
                run["state"],
                step=run["step_id"],
                due_at=run["due_at"],
                stop=run["stop"],
                then=following["says"] if following else None,
                zone=zone,
            ),
        ),
    }


def message_entry(message: Entry) -> Entry:
    """What became of a message."""
    return {
        "kind": "message",
        "at": message["created_at"],
        "id": message["id"],
        "runId": message["run_id"],
        "automation": message["automation"],
        "test": message["test"],
        "step": message["step_id"],
        "channel": message["channel"],
        "template": message["template"],
        "subject": message["subject"],
        "state": message["state"],
        "attempts": message["attempts"],
        "sentAt": message["sent_at"],
        "updatedAt": message["updated_at"],
        "reason": message["reason"],
        "sentence": _marked(message["test"], message_sentence(message["state"], message["reason"])),
    }


def _marked(test: bool, sentence: str) -> str:  # noqa: FBT001 - a column
    return f"TEST: {sentence}" if test else sentence
