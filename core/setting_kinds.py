"""Kinds of values that settings have, each checked and named when it is wrong."""

import json
from typing import Annotated

from babel import Locale, UnknownLocaleError
from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

from core.zones import known_zone


def _a_zone(name: str) -> str:
    if not known_zone(name):
        msg = f"{name!r} is not an IANA time zone such as Europe/Kyiv"
        raise ValueError(msg)
    return name


def _known_locale(name: str) -> str:
    try:
        Locale.parse(name.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        msg = f"{name!r} is not a locale such as en, uk or de-AT"
        raise ValueError(msg) from None
    return name


def _database_url(url: str) -> str:
    if not url.startswith(("postgresql://", "postgres://", "postgresql+asyncpg://")):
        msg = "not an address of PostgreSQL; write postgresql://user:password@host:5432/database"
        raise ValueError(msg)
    return url


def _split_commas(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _shop_secrets(value: object) -> object:
    """`host:secret,host:secret`, a host again for each further secret; or a JSON object of host → secret or secrets."""
    if not isinstance(value, str):
        return value
    pairs: list[tuple[object, ...]]
    if value.lstrip().startswith("{"):
        pairs = [
            (host, one)
            for host, said in json.loads(value).items()
            for one in (said if isinstance(said, list) else [said])
        ]
    else:
        pairs = [tuple(part.strip().split(":", 1)) for part in value.split(",") if part.strip()]
    found: dict[str, tuple[str, ...]] = {}
    for host, *secret in pairs:
        if not isinstance(host, str) or len(secret) != 1 or not isinstance(secret[0], str) or not secret[0]:
            msg = "write host:secret, several by commas, or a JSON object of host to secret"
            raise ValueError(msg)
        found[host.lower()] = (*found.get(host.lower(), ()), secret[0])
    return found


_MOST_PER_SECOND = 100_000


def _rates(value: object) -> object:
    """`channel:messages a second`, several by commas."""
    if not isinstance(value, str):
        return value
    found: dict[str, float] = {}
    for part in filter(None, (one.strip() for one in value.split(","))):
        channel, _, rate = part.partition(":")
        found[channel] = float(rate) if rate.replace(".", "", 1).isdigit() else 0
        if not channel or not 0 < found[channel] <= _MOST_PER_SECOND:
            msg = f"write channel:messages a second, such as email:50,sms:0.5; at most {_MOST_PER_SECOND}"
            raise ValueError(msg)
    return found


ShopSecrets = Annotated[dict[str, tuple[SecretStr, ...]], NoDecode, BeforeValidator(_shop_secrets)]
"""Secrets of webhooks by the shop's host name; several while one is being replaced."""

Zone = Annotated[str, AfterValidator(_a_zone)]
"""An IANA time zone."""

LocaleName = Annotated[str, AfterValidator(_known_locale)]
"""A locale of the Unicode CLDR."""

DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
"""An address of PostgreSQL."""

BY_COMMAS = BeforeValidator(_split_commas)
"""Reads a tuple from a text with commas."""

ChannelRates = Annotated[dict[str, float], NoDecode, BeforeValidator(_rates)]
"""Messages a second by channel."""
