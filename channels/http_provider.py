"""A provider that the file of ORDERCUE_HTTP_PROVIDERS describes, without code of its own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from liquid import BoundTemplate, Environment, StrictUndefined
from liquid.exceptions import LiquidError

from channels.base import AddressKind, Later, Outcome, Outgoing, Refused
from channels.http_call import Answer, Caller, retry_after
from channels.mail import MailError, own_headers, split_mailbox
from channels.reason import scrub
from core.errors import ConfigurationError
from core.http_providers import AnswerRule, HttpProvider, at_path, http_providers
from core.outgoing import guarded_client
from core.settings import Settings

_SAMPLE = Outgoing(UUID(int=1), "a@b.example", '"A B" <c@d.example>', 'one "two"', 'three\n\\ "four"', "<p>five</p>")


@dataclass(frozen=True)
class HttpProviderChannel:
    """Calls what the configuration says."""

    name: str
    provider: HttpProvider
    caller: Caller
    secrets: Mapping[str, str] = field(repr=False)
    url: BoundTemplate
    headers: Mapping[str, BoundTemplate]
    body: BoundTemplate

    @property
    def takes_key(self) -> bool:
        """Whether the configuration names a header for the key."""
        return self.provider.idempotency_header is not None

    @property
    def address_kind(self) -> AddressKind:
        """As the configuration says."""
        return AddressKind(self.provider.address)

    async def send(self, message: Outgoing) -> Outcome:
        """Try once. Unknown if the request was sent, no answer came, and the provider takes no key."""
        try:
            request = self.request(message)
        except (LiquidError, MailError, httpx.InvalidURL, ValueError) as error:
            return Refused("bad_message", scrub(str(error), message.address))
        answer = await self.caller.call(request, message.address)
        return self._outcome(answer, message) if isinstance(answer, Answer) else answer

    async def close(self) -> None:
        """Give connections back."""
        await self.caller.client.aclose()

    def request(self, message: Outgoing) -> httpx.Request:
        """What is sent for this message."""
        facts = self._facts(message)
        headers = {name: value.render(facts) for name, value in self.headers.items()}
        if self.provider.idempotency_header:
            headers[self.provider.idempotency_header] = str(message.id)
        return httpx.Request(
            self.provider.method,
            self.url.render(facts).strip(),
            content=self.body.render(facts).encode(),
            headers={"Content-Type": self.provider.content_type, **headers},
        )

    def _facts(self, message: Outgoing) -> dict[str, object]:
        name, address = "", message.sender
        if self.address_kind == AddressKind.EMAIL:
            name, address = split_mailbox(message.sender, "sender")
        return {
            "id": str(message.id),
            "to": message.address,
            "from": message.sender,
            "from_name": name,
            "from_address": address,
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
            "headers": own_headers(message),
            "secrets": self.secrets,
        }

    def _outcome(self, answer: Answer, message: Outgoing) -> Outcome:
        document = answer.json()
        code, reason = (_at(document, path) for path in (self.provider.code, self.provider.reason))
        code = scrub(str(code), message.address) if code is not None else f"http_{answer.status}"
        words = scrub(f"{answer.status} {reason or ''}", message.address)
        if any(_holds(rule, answer.status, document) for rule in self.provider.later):
            return Later(code, words, self._delay(answer, document))
        if any(_holds(rule, answer.status, document) for rule in self.provider.refused):
            return Refused(code, words)
        if answer.is_success:
            return self.caller.accepted(self._id(answer, document, message))
        outcome = self.caller.no_success(answer, code, reason, message.address)
        if isinstance(outcome, Later) and not outcome.same:
            return Later(outcome.code, outcome.reason, self._delay(answer, document))
        return outcome

    def _delay(self, answer: Answer, document: object) -> float | None:
        said = _at(document, self.provider.retry_after)
        return retry_after(answer.headers.get("Retry-After") if said is None else said)

    def _id(self, answer: Answer, document: object, message: Outgoing) -> object:
        where = self.provider.id
        if where is None:
            return str(message.id)
        header = where.removeprefix("header:")
        return answer.headers.get(header) if header != where else _at(document, where)


def http_channel(name: str, settings: Settings) -> HttpProviderChannel:
    """The channel of this name in the file. Raises ConfigurationError for what could never be sent."""
    provider = http_providers(settings).get(name)
    if provider is None:
        raise ConfigurationError(f"ORDERCUE_HTTP_PROVIDERS: no provider {name!r} in the file")
    takes_key = provider.idempotency_header is not None
    liquid = Environment(undefined=StrictUndefined)
    liquid.add_filter("json", _json)
    try:
        channel = HttpProviderChannel(
            name,
            provider,
            Caller(guarded_client(settings), settings.provider_timeout_seconds, takes_key),
            {key: secret.get_secret_value() for key, secret in settings.http_secrets.items()},
            liquid.from_string(provider.url),
            {key: liquid.from_string(value) for key, value in provider.headers.items()},
            liquid.from_string(provider.body),
        )
        content = channel.request(_SAMPLE).content
        if provider.content_type == "application/json":
            json.loads(content)
    except (LiquidError, httpx.InvalidURL, ValueError) as error:
        text = error.message if isinstance(error, LiquidError) else f"its body, url or header is wrong ({error})"
        raise ConfigurationError(
            f"ORDERCUE_HTTP_PROVIDERS: {name}: {text}; values in JSON are written {{{{ text | json }}}}"
        ) from None
    return channel


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _holds(rule: AnswerRule, status: int, document: object) -> bool:
    if rule.status and status not in rule.status:
        return False
    if rule.path is None:
        return True
    found = _at(document, rule.path)
    return found in rule.one_of if rule.one_of else found not in rule.none_of


def _at(document: Any, path: str | None) -> Any:  # Any: whatever the provider says
    """The scalar at a dotted path; None where there is none."""
    found = at_path(document, path) if path else None
    return found if isinstance(found, str | int | float | bool) else None
