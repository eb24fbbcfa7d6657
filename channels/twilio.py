"""SMS by Twilio: https://www.twilio.com/docs/messaging/api/message-resource. It takes no idempotency key."""

from dataclasses import dataclass, field

import httpx

from channels.base import AddressKind, Outcome, Outgoing
from channels.http_call import Answer, Caller, provider_client
from core.errors import ConfigurationError
from core.settings import Settings


@dataclass(frozen=True)
class TwilioChannel:
    """Hands messages to Twilio. The subject and the HTML part of a message are left out."""

    caller: Caller
    url: str
    auth: httpx.BasicAuth = field(repr=False)
    name: str = "sms"
    takes_key: bool = False
    address_kind: AddressKind = AddressKind.PHONE
    callback: str | None = None
    """Where Twilio tells what became of a message."""

    async def send(self, message: Outgoing) -> Outcome:
        """Try once. Unknown if the request was sent and no answer came."""
        sender = "MessagingServiceSid" if message.sender.startswith("MG") else "From"
        form = {"To": message.address, sender: message.sender, "Body": message.text}
        if self.callback:
            form["StatusCallback"] = f"{self.callback}?message={message.id}"
        request = next(self.auth.sync_auth_flow(httpx.Request("POST", self.url, data=form)))
        answer = await self.caller.call(request, message.address)
        if not isinstance(answer, Answer):
            return answer
        if answer.is_success:
            return self.caller.accepted(answer.member("sid"))
        return self.caller.no_success(answer, answer.member("code"), answer.member("message"), message.address)

    async def close(self) -> None:
        """Give connections back."""
        await self.caller.client.aclose()


def twilio_channel(settings: Settings) -> TwilioChannel:
    """The channel `sms` by the settings `twilio_…`."""
    account, token = settings.twilio_account_sid, settings.twilio_auth_token
    if not (account and token and settings.sms_from):
        raise ConfigurationError(
            "ORDERCUE_SMS_PROVIDER=twilio needs ORDERCUE_TWILIO_ACCOUNT_SID, ORDERCUE_TWILIO_AUTH_TOKEN"
            " and ORDERCUE_SMS_FROM"
        )
    public = settings.public_url.rstrip("/")
    return TwilioChannel(
        Caller(provider_client(), settings.provider_timeout_seconds, takes_key=False),
        f"{settings.twilio_url.rstrip('/')}/2010-04-01/Accounts/{account}/Messages.json",
        httpx.BasicAuth(account, token.get_secret_value()),
        callback=f"{public}/feedback/twilio" if public.startswith("https://") else None,
    )
