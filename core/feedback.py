"""What providers, and our own links, tell of a message that went out; and what that makes of its ledger row."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class FeedbackKind(StrEnum):
    """What happened to a message."""

    SENT = "sent"
    """The provider has it: that is news of a message whose outcome was unknown."""
    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    SOFT_BOUNCE = "soft_bounce"
    """It did not arrive; the next one may."""
    HARD_BOUNCE = "hard_bounce"
    """The address gets nothing, now or later."""
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class Feedback:
    """One thing that happened to one message, whoever told it."""

    source: str
    """`ses`, `resend`, `twilio`, `own`, or a channel of the file of HTTP providers."""
    event_id: str
    """How the source calls the event: the same one acts once."""
    kind: FeedbackKind
    at: datetime
    message_id: UUID | None = None
    """Ours, when the source gives it back."""
    channel: str | None = None
    provider_id: str | None = None
    """The source's name of the message, looked up among those of `channel` when ours is not known."""
    url: str | None = None
    """Of a click: where to."""
    code: str | None = None
    """The source's short word for the reason, without personal data."""


_RANKS = {
    "sent": 1,
    FeedbackKind.SOFT_BOUNCE: 2,
    "delivered": 3,
    FeedbackKind.HARD_BOUNCE: 4,
    "opened": 5,
    "clicked": 6,
    "complained": 7,
}
"""A state gives way to a higher one alone. A hard bounce can follow a delivery (the next server refused it), a soft one
(an answering machine) says nothing against it, and what was opened did arrive. The states before `sent` are 0."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a message has come: its state, and when it first reached each."""

    state: str
    bounce: str | None = None
    """`hard` or `soft`."""
    code: str | None = None
    """Why it bounced."""
    delivered_at: datetime | None = None
    opened_at: datetime | None = None
    clicked_at: datetime | None = None
    bounced_at: datetime | None = None
    complained_at: datetime | None = None

    @property
    def rank(self) -> int:
        """How far the state is."""
        return _RANKS.get(f"{self.bounce}_bounce" if self.state == "bounced" else self.state, 0)

    def after(self, news: Iterable[Feedback]) -> "Progress":
        """The same message after the news. In whatever order they come, the end is the same."""
        now = self
        for one in news:
            now = _after(now, one)
        return now


def _after(was: Progress, one: Feedback) -> Progress:
    rises = _RANKS[one.kind] > was.rank
    match one.kind:
        case FeedbackKind.SOFT_BOUNCE:
            if not rises:
                return _earlier_bounce(was, one, "soft")
            return replace(was, state="bounced", bounce="soft", code=one.code, bounced_at=one.at)
        case FeedbackKind.HARD_BOUNCE:
            if was.bounce == "hard":
                return _earlier_bounce(was, one, "hard")
            state = "bounced" if rises else was.state
            return replace(was, state=state, bounce="hard", code=one.code, bounced_at=one.at)
    if rises and was.bounce == "soft":  # it arrived after all
        was = replace(was, bounce=None, code=None, bounced_at=None)
    return _at_first(replace(was, state=str(one.kind)) if rises else was, one)


def _earlier_bounce(was: Progress, one: Feedback, bounce: str) -> Progress:
    """Of two bounces of one kind the earlier one is told."""
    if was.bounce != bounce or was.bounced_at is None:
        return was
    first = min((was.bounced_at, was.code or ""), (one.at, one.code or ""))
    return replace(was, bounced_at=first[0], code=first[1] or None)


def _at_first(was: Progress, one: Feedback) -> Progress:
    match one.kind:
        case FeedbackKind.DELIVERED:
            return replace(was, delivered_at=min(was.delivered_at or one.at, one.at))
        case FeedbackKind.OPENED:
            return replace(was, opened_at=min(was.opened_at or one.at, one.at))
        case FeedbackKind.CLICKED:
            return replace(was, clicked_at=min(was.clicked_at or one.at, one.at))
        case FeedbackKind.COMPLAINED:
            return replace(was, complained_at=min(was.complained_at or one.at, one.at))
        case _:
            return was
