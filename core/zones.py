"""The names of time zones."""

from zoneinfo import available_timezones

_ZONES = frozenset(available_timezones())
"""Read once: hundreds of files are opened to see which there are."""


def known_zone(name: str) -> bool:
    """Whether the name is an IANA time zone such as Europe/Kyiv."""
    return name in _ZONES
