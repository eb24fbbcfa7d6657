"""Resend's webhooks: https://resend.com/docs/webhooks/event-types. The signature is Svix's, as Standard Webhooks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from api.feedback.signature import not_set_up, require
from api.feedback.values import code_of, id_of, moment_of, section, url_of, uuid_of
from core.feedback import Feedback, FeedbackKind
from core.settings import Settings

# Any: JSON of a stranger

TAG = "ordercue_message"
"""The tag with our id that each mail carries; see channels.resend."""

_KINDS = {
    "email.sent": FeedbackKind.SENT,
    "email.delivered": FeedbackKind.DELIVERED,
    "email.opened": FeedbackKind.OPENED,
    "email.clicked": FeedbackKind.CLICKED,
    "email.bounced": FeedbackKind.HARD_BOUNCE,
    "email.suppressed": FeedbackKind.HARD_BOUNCE,
    "email.failed": FeedbackKind.SOFT_BOUNCE,
    "email.complained": FeedbackKind.COMPLAINED,
}
_SOFT = frozenset({"Transient", "Undetermined"})


def require_resend(settings: Settings, body: bytes, *, event_id: str, timestamp: str, signature: str) -> None:
    """Raises Problem 401 unless Resend sent the body, not long ago, and 404 without a secret."""
    secret = settings.resend_webhook_secret
    if secret is None:
        raise not_set_up("ORDERCUE_RESEND_WEBHOOK_SECRET")
    headers = {"webhook-id": event_id, "webhook-timestamp": timestamp, "webhook-signature": signature}
    try:
        Webhook(secret.get_secret_value()).verify(body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):  # a signature that is no base64, a body that is no UTF-8
        require(right=False, setting="ORDERCUE_RESEND_WEBHOOK_SECRET")


def resend_feedback(document: Mapping[str, Any], event_id: str, now: datetime) -> list[Feedback]:
    """What the webhook says of a message; nothing when it is of something else."""
    kind = _KINDS.get(str(document.get("type")))
    data = section(document, "data")
    if kind is None:
        return []
    bounce = section(data, "bounce")
    if kind == FeedbackKind.HARD_BOUNCE and bounce.get("type") in _SOFT:
        kind = FeedbackKind.SOFT_BOUNCE
    click = section(data, "click")
    reason = (bounce.get("type"), bounce.get("subType"))
    code = code_of(*reason) or code_of(section(data, "suppressed").get("type"), section(data, "failed").get("reason"))
    return [
        Feedback(
            source="resend",
            event_id=event_id,
            kind=kind,
            at=moment_of(click.get("timestamp") or document.get("created_at"), now),
            message_id=uuid_of(_tags(data).get(TAG)),
            channel="email",
            provider_id=id_of(data.get("email_id")),
            url=url_of(click.get("link")),
            code=code,
        )
    ]


def _tags(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Resend writes tags as an object, and has written them as a list of names and values."""
    tags = data.get("tags")
    if isinstance(tags, list):
        return {str(tag.get("name")): tag.get("value") for tag in tags if isinstance(tag, dict)}
    return section(data, "tags")
