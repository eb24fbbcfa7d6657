"""Reasons as they are stored, and the one place that turns them into sentences."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from automation.conditions import Because
from automation.conditions import sentence as because_sentence

Reason = dict[str, Any]  # Any: JSON


class Code(StrEnum):
    """Why a decision came out as it did."""

    STARTED = "started"
    NOT_MATCHED = "not_matched"
    OTHER_EVENT = "other_event"
    NO_EFFECT = "no_effect"
    SUPPRESSED = "suppressed"
    STOPPED = "stopped"


_EFFECTS = {
    "unchanged": "the order said nothing new",
    "stale": "the status came about before the one that is stored",
    "historical": "the order was imported as history",
}
_UNIQUE = {
    "once_per_status": "once for each order and event type",
    "once_per_order": "once for each order",
    "once_per_contact": "once for each contact",
    "each_time": "once for each event",
}
_MESSAGES = {
    "run_stopped": "the run was stopped",
    "archived": "the automation is archived",
    "paused": "the automation is paused; it is sent when it resumes",
    "too_late": "it was later than the step allows",
    "no_address": "the contact has no address for this channel",
    "suppressed": "the address gets nothing by this channel",
    "template": "the template could not be rendered",
    "attempt_died": "the worker died while the provider was being called",
}


def reason(code: Code, **facts: object) -> Reason:
    """A reason: a stable code and what belongs to it. Facts that are None or False are left out."""
    return {"code": str(code)} | {name: value for name, value in facts.items() if value not in (None, False)}


def because_reason(code: Code, because: Because) -> Reason:
    """A reason with the condition that decided."""
    return reason(code, because=because.as_json())


def sentence(stored: Mapping[str, Any]) -> str:  # noqa: PLR0911 - one line a code
    """A decision's reason in words that a marketer uses."""
    because = stored.get("because")
    why = f": {because_sentence(Because.from_json(because))}" if because else ""
    match stored["code"]:
        case Code.STARTED:
            held = ", and waits until the automation is resumed" if stored.get("held") else ""
            return f"Started{why}{held}"
        case Code.NOT_MATCHED:
            return f"Not matched{why}"
        case Code.OTHER_EVENT:
            return f"Not matched: it starts on {_list(stored.get('starts_on'))}"
        case Code.NO_EFFECT:
            return f"Not matched: {_EFFECTS.get(stored.get('effect', ''), 'the event has no effect')}"
        case Code.SUPPRESSED:
            rule = _UNIQUE.get(stored.get("unique", ""), "once")
            return f"Suppressed: it runs {rule}, and did so in run {stored.get('run')}"
        case Code.STOPPED:
            who = "the same order" if stored.get("match") == "order" else "the same contact"
            return f"Stopped a run: {stored.get('event')} came for {who}"
        case other:
            return str(other)


def run_sentence(state: str, *, step: str | None, due_at: datetime | None, stop: Mapping[str, Any] | None) -> str:
    """Where a run is, or how it ended."""
    if state == "waiting" and due_at is not None:
        return f"Waits at {step} until {due_at:%Y-%m-%d %H:%M} UTC"
    if state == "stopped" and stop:
        return f"Stopped: {stop.get('reason')}"
    return {"pending": "Waits to be started", "running": f"Is at {step or 'its first step'}", "done": "Done"}.get(
        state, state
    )


def message_sentence(state: str, stored: Mapping[str, Any] | None) -> str:
    """What became of a message."""
    words = {"pending": "Not sent yet", "sending": "Being sent", "unknown": "Unknown whether it arrived"}
    said = words.get(state, state.capitalize())
    if not stored:
        return said
    code = str(stored.get("code"))
    detail = _MESSAGES.get(code, code)
    return f"{said}: {detail}" + (f" ({stored['detail']})" if stored.get("detail") else "")


def _list(names: object) -> str:
    return " or ".join(map(str, names)) if isinstance(names, list | tuple) else str(names)
