"""Addresses of contacts as they are stored and compared, whatever a person wrote."""

from core.channels import CHANNELS, address_kind
from core.email_address import match_email
from core.errors import InvalidError
from core.http_providers import http_providers
from core.phone_number import match_phone
from core.settings import Settings


def stored_address(kind: str, text: str, phone_region: str) -> str | None:
    """An address of this kind (email, phone, url, id); None when it cannot be one."""
    if kind == "email":
        return match_email(text)
    return match_phone(text, phone_region) if kind == "phone" else text.strip() or None


def readable_address(settings: Settings, channel: str, text: str) -> str | None:
    """An address of a channel as it is stored; None when it is none. Raises InvalidError for an unknown channel."""
    known = {*CHANNELS, *http_providers(settings)}
    if channel not in known:
        raise InvalidError(f"there is no channel {channel!r}; there is {', '.join(sorted(known))}", field="channel")
    return stored_address(address_kind(settings, channel), text, settings.phone_region)
