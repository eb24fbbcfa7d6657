"""Providers over HTTP whose far end is a server of the test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from channels.base import Channel, Outcome
from channels.registry import build_channels
from core.settings import Settings
from tests.channels.builders import outgoing
from tests.channels.http_server import Act, HttpServer, Said

RESEND: dict[str, Any] = {"email_provider": "resend", "resend_api_key": "re_hushhush"}
SES: dict[str, Any] = {
    "email_provider": "ses",
    "ses_region": "eu-central-1",
    "ses_access_key_id": "AKIDEXAMPLE",
    "ses_secret_access_key": "ses_hushhush",
}
TWILIO: dict[str, Any] = {
    "sms_provider": "twilio",
    "twilio_account_sid": "AC123",
    "twilio_auth_token": "twilio_hushhush",
    "sms_from": "+15005550006",
}
ALL: list[tuple[dict[str, Any], str]] = [(RESEND, "resend_url"), (SES, "ses_url"), (TWILIO, "twilio_url")]


@asynccontextmanager
async def one_channel(name: str, **settings: Any) -> AsyncIterator[Channel]:
    """A channel as the worker builds it."""
    built = build_channels(Settings(**{"provider_timeout_seconds": 0.3, **settings}))
    try:
        yield built[name]
    finally:
        for each in built.values():
            await each.close()


def channel_of(provider: dict[str, Any]) -> str:
    """The channel that a provider serves."""
    return "sms" if "sms_provider" in provider else "email"


async def outcome_of(provider: dict[str, Any], url: str, answer: Said | Act) -> Outcome:
    """What a send comes to when the provider says this. `url` is the setting of its address."""
    name = channel_of(provider)
    message = outgoing(address="+380501234567", sender="+15005550006") if name == "sms" else outgoing()
    async with HttpServer(answer).running() as server, one_channel(name, **provider, **{url: server.url}) as channel:
        return await channel.send(message)
