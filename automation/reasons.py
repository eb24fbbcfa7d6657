"""Why something happened: a code and its facts as they are stored, and the one place that makes sentences of them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from automation.conditions import Because
from automation.conditions import sentence as because_sentence

Reason = dict[str, Any]  # Any: JSON


class Code(StrEnum):
    """Why a decision came out as it did."""

    STARTED = "started"
    SIGNALLED = "signalled"
    NOT_MATCHED = "not_matched"
    OTHER_EVENT = "other_event"
    NO_EFFECT = "no_effect"
    SUPPRESSED = "suppressed"
    STILL_RUNNING = "still_running"
    EMITTED_TOO_DEEP = "emitted_too_deep"
    STOPPED = "stopped"
    REPLACED = "replaced"


class MessageCode(StrEnum):
    """Why a message was not sent, or not known to be."""

    RUN_STOPPED = "run_stopped"
    ORDER_STATUS = "order_status"
    ARCHIVED = "archived"
    PAUSED = "paused"
    TOO_LATE = "too_late"
    OUTSIDE_WINDOW = "outside_window"
    NO_ADDRESS = "no_address"
    UNSUBSCRIBED = "unsubscribed"
    UNCONFIRMED = "unconfirmed"
    SUPPRESSED = "suppressed"
    FREQUENCY_CAP = "frequency_cap"
    TEMPLATE = "template"
    ATTEMPT_DIED = "attempt_died"
    STORE_DISABLED = "store_disabled"
    RESOLVED = "resolved"
    RESEND = "resend"


_EFFECTS = {
    "unchanged": "the order said nothing new",
    "stale": "the status came about before the one that is stored",
    "historical": "the order was imported as history",
    "test": "the event was pasted for a test",
}
_UNIQUE = {
    "once_per_status": "once for each order and event type",
    "once_per_order": "once for each order",
    "once_per_contact": "once for each contact",
    "each_time": "once for each event",
}
_MESSAGES: dict[str, str] = {
    MessageCode.RUN_STOPPED: "the run was stopped",
    MessageCode.ORDER_STATUS: "the order has another status by now",
    MessageCode.ARCHIVED: "the automation is archived",
    MessageCode.PAUSED: "the automation is paused; it is sent when it resumes",
    MessageCode.TOO_LATE: "it was later than the step allows",
    MessageCode.OUTSIDE_WINDOW: "it is outside of the allowed send time; it is sent when that begins",
    MessageCode.NO_ADDRESS: "the contact has no address for this channel",
    MessageCode.UNSUBSCRIBED: "the contact is unsubscribed from this channel",
    MessageCode.UNCONFIRMED: "the contact has not confirmed yet that it wants messages",
    MessageCode.SUPPRESSED: "the address gets nothing by this channel",
    MessageCode.FREQUENCY_CAP: "the contact has had as many messages as the cap allows",
    MessageCode.TEMPLATE: "the template could not be rendered",
    MessageCode.ATTEMPT_DIED: "the worker died while the provider was being called",
    MessageCode.STORE_DISABLED: "the shop is switched off",
    MessageCode.RESOLVED: "an operator says that it arrived",
    MessageCode.RESEND: "an operator asked to send it again",
}
_HOLDERS: dict[str, str] = {
    MessageCode.PAUSED: "a pause of the automation",
    MessageCode.OUTSIDE_WINDOW: "the allowed send time",
}
_STATES = {"pending": "Not sent yet", "sending": "Being sent", "unknown": "Unknown whether it arrived"}


def reason(code: Code | MessageCode, **facts: object) -> Reason:
    """A reason: a stable code and what belongs to it. Facts that are None or False are left out."""
    return {"code": str(code)} | {
        name: value for name, value in facts.items() if value is not None and value is not False
    }


def because_reason(code: Code, because: Because) -> Reason:
    """A reason with the condition that decided."""
    return {"code": code.value, "because": because.as_json()}


def sentence(stored: Mapping[str, Any]) -> str:
    """A decision's reason for a marketer: "Not matched: totalCost is 12, the rule asks for at least 20"."""
    because = stored.get("because")
    why = f": {because_sentence(Because.from_json(because))}" if because else ""
    texts: dict[str, str] = {
        Code.STARTED: f"Started{why}{', and waits until the automation is resumed' if stored.get('held') else ''}",
        Code.SIGNALLED: f"Woke a run that waited for {stored.get('event', 'it')}{why}",
        Code.NOT_MATCHED: f"Not matched{why}",
        Code.OTHER_EVENT: f"Not matched: it starts {_other(stored.get('starts_on'))}",
        Code.NO_EFFECT: f"Not matched: {_EFFECTS.get(str(stored.get('effect')), 'the event has no effect')}",
        Code.SUPPRESSED: f"Suppressed: it runs {_rule(stored)}, and did so in run {stored.get('run')}",
        Code.STILL_RUNNING: f"Suppressed: run {stored.get('run')} for the same contact has not ended",
        Code.EMITTED_TOO_DEEP: f"Not started: {stored.get('depth', 10)} events in a row came from automations",
        Code.REPLACED: "Stopped the earlier run for the same contact: the newer one takes its place",
        Code.STOPPED: f"Stopped a run: {stored.get('event')} came for the same {stored.get('match', 'contact')}",
    }
    return texts.get(stored["code"], str(stored["code"]))


def choice_sentence(step_id: str, branch: str, because: Because | None) -> str:
    """Which way a run took: "At vip it took then: totalCost is 120, the rule asks for at least 100"."""
    why = because_sentence(because) if because else "the arm of this contact"
    return f"At {step_id} it took {branch}: {why}"


def run_sentence(
    state: str,
    *,
    step: str | None,
    due_at: datetime | None,
    stop: Mapping[str, Any] | None,
    then: str | None = None,
    zone: ZoneInfo | None = None,
) -> str:
    """Where a run is and what comes `then`, or how it ended. The due moment is on the clock of `zone`, else of UTC."""
    if stop and state in ("pending", "running", "waiting"):
        return f"Is being stopped: {stop.get('reason')}"
    if state == "waiting" and due_at is not None:
        shown = due_at.astimezone(zone) if zone else due_at
        clock = zone.key if zone else "UTC"
        return f"Waits at {step} until {shown:%Y-%m-%d %H:%M} {clock}{f', then {then}' if then else ''}"
    if state == "stopped" and stop:
        return f"Stopped: {stop.get('reason')}"
    words = {"pending": "Waits to be started", "running": f"Is at {step or 'its first step'}", "done": "Done"}
    return words.get(state, state)


def message_sentence(state: str, stored: Mapping[str, Any] | None) -> str:
    """What became of a message."""
    said = _STATES.get(state, state.capitalize())
    if not stored:
        return said
    code = str(stored.get("code"))
    detail = f" ({stored['detail']})" if stored.get("detail") else ""
    detail += f" (topic {stored['topic']})" if stored.get("topic") else ""
    return f"{said}: {_MESSAGES.get(code, code)}{detail}{_facts(stored)}"


def _facts(stored: Mapping[str, Any]) -> str:
    """What a cap allows; since when a message was due and what held it back."""
    if stored.get("at_most"):
        return f" (at most {stored['at_most']} in {stored.get('days')} days)"
    if not stored.get("due_at"):
        return ""
    due = f"{datetime.fromisoformat(str(stored['due_at'])).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    code = str(stored.get("held_by", ""))
    held = f", held back by {_HOLDERS.get(code, f'the provider: {code}')}" if code else ""
    return f" (due {due}{held})"


def _rule(stored: Mapping[str, Any]) -> str:
    within = stored.get("within")
    if within:
        return f"once for each {stored.get('per', 'contact')} within {within}"
    return _UNIQUE.get(str(stored.get("unique")), "once")


def _other(events: object) -> str:
    """An automation that names no event looks at a segment on its schedule."""
    names = events if isinstance(events, (list, tuple)) else (events,) if events else ()
    return f"on {' or '.join(map(str, names))}" if names else "from a segment, not on an event"
