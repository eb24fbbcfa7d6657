"""E-mail by Amazon SES v2: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html.

It takes no idempotency key. The signature is botocore's, the call is ours: botocore itself would block, and repeat.
"""

import json
from dataclasses import dataclass

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from channels.base import AddressKind, Later, Outcome, Outgoing, Refused
from channels.http_call import Answer, Caller, provider_client, retry_after
from channels.mail import MailError, bare_address, mailbox, own_headers, split_mailbox
from core.errors import ConfigurationError
from core.settings import Settings

_ALL_MESSAGES = frozenset(
    {
        "AccessDeniedException",
        "AccountSuspendedException",
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "LimitExceededException",
        "MissingAuthenticationTokenException",
        "SendingPausedException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""Refusals with 4xx that are no fault of the message and end when an operator, or the clock, acts."""


@dataclass(frozen=True)
class SesChannel:
    """Hands messages to Amazon SES."""

    caller: Caller
    url: str
    signer: SigV4Auth
    configuration_set: str | None = None
    name: str = "email"
    takes_key: bool = False
    address_kind: AddressKind = AddressKind.EMAIL

    async def send(self, message: Outgoing) -> Outcome:
        """Try once. Unknown if the request was sent and no answer came."""
        try:
            body = json.dumps(_body(message) | self._configured, ensure_ascii=False).encode()
        except MailError as error:
            return Refused("bad_message", str(error))
        except UnicodeEncodeError:
            return Refused("bad_message", "the message holds half a character (a lone surrogate)")
        signed = AWSRequest("POST", self.url, {"Content-Type": "application/json"}, data=body)
        self.signer.add_auth(signed)
        request = httpx.Request("POST", self.url, content=body, headers=dict(signed.headers.items()))
        answer = await self.caller.call(request, message.address)
        return self._outcome(answer, message.address) if isinstance(answer, Answer) else answer

    async def close(self) -> None:
        """Give connections back."""
        await self.caller.client.aclose()

    @property
    def _configured(self) -> dict[str, object]:
        return {"ConfigurationSetName": self.configuration_set} if self.configuration_set else {}

    def _outcome(self, answer: Answer, address: str) -> Outcome:
        if answer.is_success:
            return self.caller.accepted(answer.member("MessageId"))
        kind = answer.headers.get("x-amzn-ErrorType", "").partition(":")[0]
        outcome = self.caller.no_success(answer, kind, answer.member("message"), address)
        if kind in _ALL_MESSAGES and isinstance(outcome, Refused):
            return Later(kind, outcome.reason, retry_after(answer.headers.get("Retry-After")))
        return outcome


def ses_channel(settings: Settings) -> SesChannel:
    """The channel `email` by the settings `ses_…`."""
    key, secret, token = settings.ses_access_key_id, settings.ses_secret_access_key, settings.ses_session_token
    if not (settings.ses_region and key and secret):
        raise ConfigurationError(
            "ORDERCUE_EMAIL_PROVIDER=ses needs ORDERCUE_SES_REGION, ORDERCUE_SES_ACCESS_KEY_ID"
            " and ORDERCUE_SES_SECRET_ACCESS_KEY"
        )
    url = (settings.ses_url or f"https://email.{settings.ses_region}.amazonaws.com").rstrip("/")
    credentials = Credentials(key, secret.get_secret_value(), token.get_secret_value() if token else None)
    return SesChannel(
        Caller(provider_client(), settings.provider_timeout_seconds, takes_key=False),
        f"{url}/v2/email/outbound-emails",
        SigV4Auth(credentials, "ses", settings.ses_region),
        settings.ses_configuration_set,
    )


def _body(message: Outgoing) -> dict[str, object]:
    parts = {"Text": _content(message.text)}
    if message.html is not None:
        parts["Html"] = _content(message.html)
    simple: dict[str, object] = {"Subject": _content(message.subject), "Body": parts}
    if message.headers:
        simple["Headers"] = [{"Name": name, "Value": value} for name, value in own_headers(message).items()]
    return {
        "FromEmailAddress": mailbox(*split_mailbox(message.sender, "sender")).replace("\r\n", ""),
        "Destination": {"ToAddresses": [bare_address(message.address, "address")]},
        "Content": {"Simple": simple},
        "EmailTags": [{"Name": "ordercue-message", "Value": str(message.id)}],
    }


def _content(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}
