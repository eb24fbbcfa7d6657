"""E-mail by Resend: https://resend.com/docs/api-reference/emails/send-email. Its keys are kept for 24 hours."""

from dataclasses import dataclass, field

import httpx

from channels.base import AddressKind, Later, Outcome, Outgoing, Refused, Unknown
from channels.http_call import Answer, Caller, provider_client
from channels.mail import MailError, bare_address, own_headers
from core.errors import ConfigurationError
from core.settings import Settings

_BUSY = "concurrent_idempotent_requests"
_OTHER_CONTENT = "invalid_idempotent_request"
_WRONG_KEY = frozenset({"missing_api_key", "invalid_api_key", "restricted_api_key", "suspended_api_key"})


@dataclass(frozen=True)
class ResendChannel:
    """Hands messages to Resend."""

    caller: Caller
    url: str
    api_key: str = field(repr=False)
    name: str = "email"
    takes_key: bool = True
    address_kind: AddressKind = AddressKind.EMAIL

    async def send(self, message: Outgoing) -> Outcome:
        """Try once."""
        try:
            body = _body(message)
        except MailError as error:
            return Refused("bad_message", str(error))
        request = httpx.Request(
            "POST",
            f"{self.url}/emails",
            json=body,
            headers={"Authorization": f"Bearer {self.api_key}", "Idempotency-Key": str(message.id)},
        )
        answer = await self.caller.call(request, message.address)
        return self._outcome(answer, message.address) if isinstance(answer, Answer) else answer

    async def close(self) -> None:
        """Give connections back."""
        await self.caller.client.aclose()

    def _outcome(self, answer: Answer, address: str) -> Outcome:
        if answer.is_success:
            return self.caller.accepted(answer.member("id"))
        name = answer.member("name")
        outcome = self.caller.no_success(answer, name, answer.member("message"), address)
        if name == _BUSY:  # an attempt of ours that nobody waits for is still under way
            return Later(_BUSY, "an earlier attempt is under way", same=True)
        if name == _OTHER_CONTENT:
            return Unknown(_OTHER_CONTENT, "the provider has seen this key with another content")
        if name in _WRONG_KEY and isinstance(outcome, Refused):
            return Later("auth_failed", outcome.reason)
        return outcome


def resend_channel(settings: Settings) -> ResendChannel:
    """The channel `email` by the settings `resend_…`."""
    if settings.resend_api_key is None:
        raise ConfigurationError("ORDERCUE_EMAIL_PROVIDER=resend needs ORDERCUE_RESEND_API_KEY")
    caller = Caller(provider_client(), settings.provider_timeout_seconds, takes_key=True)
    return ResendChannel(caller, settings.resend_url.rstrip("/"), settings.resend_api_key.get_secret_value())


def _body(message: Outgoing) -> dict[str, object]:
    body: dict[str, object] = {
        "from": message.sender,
        "to": [bare_address(message.address, "address")],
        "subject": message.subject,
        "text": message.text,
        "tags": [{"name": "ordercue_message", "value": str(message.id)}],  # comes back in webhooks
    }
    if message.html is not None:
        body["html"] = message.html
    if message.headers:
        body["headers"] = own_headers(message)
    return body
