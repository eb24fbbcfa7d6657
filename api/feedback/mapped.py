"""Webhooks of providers that the file of ORDERCUE_HTTP_PROVIDERS describes, SendGrid and Postmark among them."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from api.feedback.values import code_of, id_of, moment_of, url_of, uuid_of
from core.feedback import Feedback, FeedbackKind
from core.http_providers import FeedbackRule, HttpFeedback, at_path

# Any: JSON of a stranger

MOST_EVENTS = 1000
"""Events of one webhook; what lies beyond is not looked at."""


def mapped_feedback(channel: str, how: HttpFeedback, document: Any, now: datetime) -> tuple[list[Feedback], int]:
    """What the events say, and how many of them say nothing of a message."""
    found = [_one(channel, how, event, now) for event in _events(how, document)]
    told = [one for one in found if one is not None]
    return told, len(found) - len(told)


def _events(how: HttpFeedback, document: Any) -> list[Any]:
    events = _at(document, how.events) if how.events else document
    return (events if isinstance(events, list) else [events])[:MOST_EVENTS]


def _one(channel: str, how: HttpFeedback, event: Any, now: datetime) -> Feedback | None:
    kind = next((rule.kind for rule in how.kinds if _fits(rule, event)), None)
    message_id, provider_id = uuid_of(_at(event, how.message)), id_of(_at(event, how.provider_id))
    if kind is None or (message_id is None and provider_id is None):
        return None
    return Feedback(
        source=channel,
        event_id=id_of(_at(event, how.id)) or sha256(repr(event).encode(errors="replace")).hexdigest(),
        kind=kind,
        at=moment_of(_at(event, how.at), now),
        message_id=message_id,
        channel=channel,
        provider_id=provider_id,
        url=url_of(_at(event, how.url)) if kind == FeedbackKind.CLICKED else None,
        code=code_of(_at(event, how.code)),
    )


def _fits(rule: FeedbackRule, event: Any) -> bool:
    return all(
        _at(event, path) in (wanted if isinstance(wanted, tuple) else (wanted,)) for path, wanted in rule.where.items()
    )


def _at(document: Any, path: str | None) -> Any:
    return None if path is None else at_path(document, path)
