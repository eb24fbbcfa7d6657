"""What of an e-mail is followed, and whether a request for a link of ours is somebody's or a machine's."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from core.feedback import Feedback, FeedbackKind


class Track(StrEnum):
    """What is followed of an e-mail."""

    NONE = "none"
    OPENS = "opens"
    CLICKS = "clicks"
    ALL = "all"

    @property
    def opens(self) -> bool:
        """Whether the mail carries the picture that tells of its opening."""
        return self in {Track.OPENS, Track.ALL}

    @property
    def clicks(self) -> bool:
        """Whether its links lead through ours."""
        return self in {Track.CLICKS, Track.ALL}


_MACHINES = re.compile(
    r"(?<!cu)bot|crawl|spider|slurp|scan|preview|fetch|monitor|check|validat|archive|curl/|wget/|python|java/|go-http|"
    r"libwww|okhttp|axios/|node|ruby|perl|php|headless|phantom|barracuda|proofpoint|mimecast|forcepoint|trendmicro|"
    r"sophos|symantec|facebookexternalhit|whatsapp/|microsoft office existence"
)
"""Programs that nobody reads mails with, by their user agents in lower case. CUBOT is a maker of phones."""
_PROXIES = ("googleimageproxy", "yahoomailproxy")
"""Mail services that fetch pictures when their reader opens the mail."""
_PRELOADER = "mozilla/5.0"
"""The whole user agent of Apple's mail privacy protection, which loads every picture whether somebody reads or not."""


def is_machine(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a request shows by itself that nobody reads: it only asks what is there, loads ahead, or says its name.

    `headers` by lower-case names.
    """
    agent = headers.get("user-agent", "").strip().lower()
    if method != "GET" or agent in {"", _PRELOADER}:
        return True
    if any(one in agent for one in _PROXIES):
        return False
    ahead = {headers.get(name, "").lower() for name in ("purpose", "x-purpose", "x-moz")} & {"prefetch", "preview"}
    return bool(ahead) or "prefetch" in headers.get("sec-purpose", "") or _MACHINES.search(agent) is not None


def own_feedback(message_id: UUID, at: datetime, url: str | None) -> Feedback:
    """A link of ours was followed, or without `url` our picture loaded. One of each acts once in an hour."""
    kind = FeedbackKind.OPENED if url is None else FeedbackKind.CLICKED
    link = sha256((url or "").encode()).hexdigest()[:16]
    return Feedback(
        source="own",
        event_id=f"{kind}:{message_id.hex}:{link}:{at:%Y%m%d%H}",
        kind=kind,
        at=at,
        message_id=message_id,
        url=url,
    )
