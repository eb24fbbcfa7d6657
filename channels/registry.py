"""The channels that the settings ask for, each with its provider (core.channels)."""

from collections.abc import Callable
from pkgutil import resolve_name

from channels.base import Channel
from channels.http_provider import http_channel
from core.channels import CHANNELS, HTTP, served_channels
from core.settings import Settings


def build_channels(settings: Settings) -> dict[str, Channel]:
    """Every channel by name. Opens no connection. The caller closes each. Raises ConfigurationError."""
    return {name: _built(name, provider, settings) for name, provider in served_channels(settings).items()}


def _built(name: str, provider: str, settings: Settings) -> Channel:
    if provider == HTTP:
        return http_channel(name, settings)
    build: Callable[[Settings], Channel] = resolve_name(CHANNELS[name].providers[provider])
    return build(settings)
