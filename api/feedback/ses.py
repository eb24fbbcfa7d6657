"""What Amazon SES tells through SNS, by a configuration set (with our tag) or by an identity's notifications.

https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html and
…/notification-contents.html.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.feedback.values import code_of, id_of, moment_of, section, url_of, uuid_of
from core.feedback import Feedback, FeedbackKind

# Any: JSON of a stranger

TAG = "ordercue-message"
"""The tag with our id that each mail carries; see channels.ses."""

_KINDS = {
    "Send": FeedbackKind.SENT,
    "Delivery": FeedbackKind.DELIVERED,
    "Open": FeedbackKind.OPENED,
    "Click": FeedbackKind.CLICKED,
    "Bounce": FeedbackKind.SOFT_BOUNCE,
    "Reject": FeedbackKind.SOFT_BOUNCE,
    "Rendering Failure": FeedbackKind.SOFT_BOUNCE,
    "Complaint": FeedbackKind.COMPLAINED,
}
_PARTS = {"Rendering Failure": "failure"}


def ses_feedback(document: Mapping[str, Any], event_id: str, now: datetime) -> list[Feedback]:
    """What an event says of a message; nothing when it is of another kind. `event_id` is SNS's id of it."""
    name = str(document.get("eventType") or document.get("notificationType"))
    kind, mail = _KINDS.get(name), section(document, "mail")
    part = section(document, _PARTS.get(name, name.lower()))
    if kind is None or part.get("complaintFeedbackType") == "not-spam":
        return []
    if part.get("bounceType") == "Permanent":
        kind = FeedbackKind.HARD_BOUNCE
    tagged = section(mail, "tags").get(TAG)
    return [
        Feedback(
            source="ses",
            event_id=event_id,
            kind=kind,
            at=moment_of(part.get("timestamp"), now),
            message_id=uuid_of(tagged[0]) if isinstance(tagged, list) and tagged else None,
            channel="email",
            provider_id=id_of(mail.get("messageId")),
            url=url_of(part.get("link")),
            code=_code(name, part),
        )
    ]


def _code(name: str, part: Mapping[str, Any]) -> str | None:
    if name == "Bounce":
        people = part.get("bouncedRecipients")
        first = people[0] if isinstance(people, list) and people and isinstance(people[0], dict) else {}
        return code_of(part.get("bounceType"), part.get("bounceSubType"), first.get("status"))
    if name == "Complaint":
        return code_of(part.get("complaintSubType"), part.get("complaintFeedbackType"))
    return name.lower().replace(" ", "_") if name in {"Reject", "Rendering Failure"} else None
