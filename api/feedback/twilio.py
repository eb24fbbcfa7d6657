"""Twilio's status callbacks: https://www.twilio.com/docs/messaging/guides/track-outbound-message-status."""

from collections.abc import Mapping
from datetime import datetime

from api.feedback.values import code_of, id_of, uuid_of
from core.feedback import Feedback, FeedbackKind

_KINDS = {
    "queued": FeedbackKind.SENT,
    "accepted": FeedbackKind.SENT,
    "sending": FeedbackKind.SENT,
    "sent": FeedbackKind.SENT,
    "delivered": FeedbackKind.DELIVERED,
    "read": FeedbackKind.OPENED,
    "undelivered": FeedbackKind.SOFT_BOUNCE,
    "failed": FeedbackKind.SOFT_BOUNCE,
}
_HARD = frozenset({"21211", "21610", "21614", "30005", "30006"})
"""No such number, a number that asked for no more, one that takes no SMS: https://www.twilio.com/docs/api/errors."""


def twilio_feedback(form: Mapping[str, str], message: str | None, now: datetime) -> list[Feedback]:
    """What a callback says. `message` is our id, which the callback's address carries; see channels.twilio.

    A message has each status once, and Twilio's id with the status is the same in each repetition.
    """
    sid, status = form.get("MessageSid") or form.get("SmsSid"), form.get("MessageStatus") or form.get("SmsStatus") or ""
    kind, error = _KINDS.get(status), form.get("ErrorCode", "")
    if kind is None or not sid:
        return []
    if kind == FeedbackKind.SOFT_BOUNCE and error in _HARD:
        kind = FeedbackKind.HARD_BOUNCE
    return [
        Feedback(
            source="twilio",
            event_id=f"{id_of(sid)}:{status}",
            kind=kind,
            at=now,
            message_id=uuid_of(message),
            channel="sms",
            provider_id=id_of(sid),
            code=code_of(error),
        )
    ]
