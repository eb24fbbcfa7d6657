"""A message for a machine: posted to an address, signed as https://www.standardwebhooks.com asks.

The receiver drops repetitions by `webhook-id`, which is the message's id.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
from standardwebhooks import Webhook

from channels.base import Accepted, AddressKind, Outcome, Outgoing, Refused
from channels.http_call import Answer, Caller
from core.errors import ConfigurationError
from core.outgoing import guarded_client
from core.settings import Settings


@dataclass(frozen=True)
class WebhookMessageChannel:
    """Posts messages to HTTPS addresses; plain HTTP goes to hosts that the settings allow, and to no other."""

    caller: Caller
    plain_hosts: frozenset[str]
    signer: Webhook = field(repr=False)
    name: str = "webhook_message"
    takes_key: bool = True
    address_kind: AddressKind = AddressKind.URL

    async def send(self, message: Outgoing) -> Outcome:
        """Try once. Any 2xx is acceptance."""
        try:
            url = httpx.URL(message.address)
        except httpx.InvalidURL:
            return Refused("bad_address", "the address is no URL")
        if url.scheme != "https" and not (url.scheme == "http" and url.host in self.plain_hosts):
            return Refused("bad_address", "the address has to begin with https://")
        now = datetime.now(UTC)
        data = {"id": str(message.id), "subject": message.subject, "text": message.text, "html": message.html}
        body = json.dumps({"type": "message", "timestamp": now.isoformat(), "data": data})
        headers = {
            "Content-Type": "application/json",
            "webhook-id": str(message.id),
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self.signer.sign(str(message.id), now, body),
        }
        answer = await self.caller.call(httpx.Request("POST", url, content=body, headers=headers), message.address)
        if not isinstance(answer, Answer):
            return answer
        return Accepted(str(message.id)) if answer.is_success else self.caller.no_success(answer, "", "", "")

    async def close(self) -> None:
        """Give connections back."""
        await self.caller.client.aclose()


def webhook_message_channel(settings: Settings) -> WebhookMessageChannel:
    """The channel `webhook_message`. Raises ConfigurationError."""
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
    try:
        signer = Webhook(secret)
    except (ValueError, RuntimeError) as error:
        raise ConfigurationError("ORDERCUE_WEBHOOK_SECRET is not whsec_ and base64") from error
    return WebhookMessageChannel(
        Caller(guarded_client(settings), settings.provider_timeout_seconds, takes_key=True),
        frozenset(host.lower() for host in settings.outgoing_allowed_hosts),
        signer,
    )
