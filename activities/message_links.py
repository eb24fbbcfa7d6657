"""The links that a message carries: to unsubscribe, to read it in the browser, to confirm an address, to follow."""

from datetime import datetime
from typing import Any
from uuid import UUID

from automation.action_steps import SendStep
from automation.template_links import relink, with_picture
from channels.base import AddressKind
from core.links import Links, Purpose
from core.tracking import Track


def link_facts(links: Links, message_id: UUID, step: SendStep) -> dict[str, str]:
    """What templates know as `unsubscribe_url`, `view_url` and `confirm_url`. The same at every attempt."""
    return {
        "unsubscribe_url": unsubscribe_url(links, message_id, step),
        "view_url": links.url(Purpose.VIEW, message_id.hex),
        "confirm_url": links.url(Purpose.CONFIRM, message_id.hex),
    }


def list_headers(links: Links, message_id: UUID, step: SendStep, kind: AddressKind) -> dict[str, str]:
    """For marketing e-mails: the one-click unsubscription that mail programs offer (RFC 8058)."""
    if step.obligatory or kind is not AddressKind.EMAIL:
        return {}
    return {
        "List-Unsubscribe": f"<{unsubscribe_url(links, message_id, step)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def unsubscribe_url(links: Links, message_id: UUID, step: SendStep) -> str:
    """The page that knows the message and its topic."""
    return links.url(Purpose.UNSUBSCRIBE, message_id.hex, step.topic or "")


def to_be_followed(track: Track, kind: AddressKind, html: str | None, now: datetime) -> dict[str, Any]:  # Any: JSON
    """What the ledger keeps beside the content: what is followed of the mail, and when it was made."""
    if track is Track.NONE or kind is not AddressKind.EMAIL or not html:
        return {}
    return {"track": track, "made": int(now.timestamp())}


def followed_content(links: Links, message_id: UUID, content: dict[str, Any]) -> dict[str, Any]:  # Any: JSON
    """The content as it goes out, the same at every attempt. The ledger keeps the links as they were written."""
    track = Track(content.get("track", Track.NONE))
    if track is Track.NONE:
        return content
    made = int(content["made"])

    def replace(address: str) -> str | None:
        if links.is_ours(address):
            return None
        try:
            return links.url(Purpose.CLICK, message_id.hex, made, address)
        except ValueError:  # so long that mail programs might cut it
            return None

    html = str(content["html"])
    html = relink(html, replace) if track.clicks else html
    html = with_picture(html, links.url(Purpose.OPEN, message_id.hex, made)) if track.opens else html
    return content | {"html": html}
