"""Which channels there are and who serves each. A new channel is one file in `channels/` and one entry here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from core.http_providers import http_providers
from core.settings import Settings

_IDENTITIES = ("email", "phone")
HTTP = "http"
"""The provider that a YAML file describes, under the channel's name."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A channel. Nothing of a provider is imported before it is used (SES takes 0.3 s)."""

    address: Literal["email", "phone", "url", "id"]
    """What its addresses are; an e-mail or phone is the contact's own, another one its custom field of this name."""
    providers: Mapping[str, str]
    """Provider → the function that builds it from the settings, `module:function`."""
    chosen: Callable[[Settings], str | None]
    """The provider that the settings name; None when they name none."""


CHANNELS: dict[str, Registered] = {
    "email": Registered(
        "email",
        {
            "smtp": "channels.smtp:smtp_channel",
            "resend": "channels.resend:resend_channel",
            "ses": "channels.ses:ses_channel",
        },
        lambda settings: settings.email_provider,
    ),
    "sms": Registered(
        "phone",
        {"twilio": "channels.twilio:twilio_channel"},
        lambda settings: None if settings.sms_provider == "none" else settings.sms_provider,
    ),
    "webhook_message": Registered(
        "url",
        {"own": "channels.webhook_message:webhook_message_channel"},
        lambda settings: "own" if settings.webhook_secret else None,
    ),
}


def served_channels(settings: Settings) -> dict[str, str]:
    """Every channel that a definition may name, and its provider. Raises ConfigurationError."""
    served = {name: one.chosen(settings) for name, one in CHANNELS.items()}
    served |= {name: HTTP for name in http_providers(settings) if name not in CHANNELS}
    return {name: provider for name, provider in served.items() if provider is not None}


def address_kind(settings: Settings, channel: str) -> str:
    """What the addresses of a channel are: email, phone, url or id."""
    registered = CHANNELS.get(channel)
    return registered.address if registered else http_providers(settings)[channel].address


def identity_kinds(channel: str) -> tuple[str, ...]:
    """The kinds of identity by which a suppressed address leads to contacts.

    Of a channel that a YAML file describes both: what one of its addresses is, is seen from the address itself.
    """
    registered = CHANNELS.get(channel)
    if registered is None:
        return _IDENTITIES
    return (registered.address,) if registered.address in _IDENTITIES else ()


def has_identities(channel: str) -> bool:
    """Whether all its addresses are e-mails, or all phones. Those of others may be custom fields of contacts."""
    return len(identity_kinds(channel)) == 1
