"""The links that a message carries: to unsubscribe, to be read in the browser, to confirm an address."""

from uuid import UUID

from automation.action_steps import SendStep
from channels.base import AddressKind
from core.links import Links, Purpose


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
