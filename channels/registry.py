"""Which channels there are."""

from collections.abc import Callable

from channels.base import Channel
from channels.smtp import smtp_channel
from core.settings import Settings

CHANNELS: dict[str, Callable[[Settings], Channel]] = {
    "email": smtp_channel,
}
"""Name to the function that builds the channel from the settings."""


def build_channels(settings: Settings) -> dict[str, Channel]:
    """Every channel by name. Opens no connection. The caller closes each."""
    return {name: build(settings) for name, build in CHANNELS.items()}
