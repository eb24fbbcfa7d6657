"""Which channels there are, and who serves each. A new provider is one file and one line here."""

from collections.abc import Callable, Mapping
from pkgutil import resolve_name

from channels.base import Channel
from channels.http_provider import http_channel
from channels.webhook_message import webhook_message_channel
from core.http_providers import http_providers
from core.settings import Settings

_PROVIDERS: Mapping[str, Mapping[str, str]] = {
    "email": {
        "smtp": "channels.smtp:smtp_channel",
        "resend": "channels.resend:resend_channel",
        "ses": "channels.ses:ses_channel",
    },
    "sms": {"twilio": "channels.twilio:twilio_channel"},
}
"""Channel, provider, and the function that builds it, as text: only a provider in use is imported (SES takes 0.3 s)."""


def _email(settings: Settings) -> Channel | None:
    return _built("email", settings.email_provider, settings)


def _sms(settings: Settings) -> Channel | None:
    return _built("sms", settings.sms_provider, settings)


CHANNELS: dict[str, Callable[[Settings], Channel | None]] = {
    "email": _email,
    "sms": _sms,
    "webhook_message": webhook_message_channel,
}
"""Name to the function that builds the channel from the settings; None when the settings name no provider."""


def build_channels(settings: Settings) -> dict[str, Channel]:
    """Every channel by name. Opens no connection. The caller closes each. Raises ConfigurationError."""
    built = {name: build(settings) for name, build in CHANNELS.items()}
    built |= {name: http_channel(name, settings) for name in http_providers(settings) if name not in CHANNELS}
    return {name: channel for name, channel in built.items() if channel is not None}


def _built(name: str, provider: str, settings: Settings) -> Channel | None:
    if provider == "none":
        return None
    if provider == "http":
        return http_channel(name, settings)
    build: Callable[[Settings], Channel] = resolve_name(_PROVIDERS[name][provider])
    return build(settings)
