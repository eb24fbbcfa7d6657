"""Message providers that a YAML file describes, for those that have no code of their own. See docs/channels.md."""

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from core.errors import ConfigurationError
from core.feedback import FeedbackKind
from core.settings import Settings

_LARGEST_FILE = 256 * 1024
_Scalar = str | int | float | bool | None
_ChannelName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class AnswerRule(BaseModel):
    """Answers with one of these statuses, and whose member at `path` is one of `is`, or none of `not`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: tuple[int, ...] = ()
    path: str | None = None
    one_of: tuple[_Scalar, ...] = Field(default=(), alias="is")
    none_of: tuple[_Scalar, ...] = Field(default=(), alias="not")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.status and self.path is None:
            raise ValueError("write status, or path with is or not")
        if (self.path is None) == bool(self.one_of or self.none_of):
            raise ValueError("path goes with is or not")
        return self


class FeedbackSignature(BaseModel):
    """How the provider proves that its webhook is its own: HMAC of the body, or a header that nobody else knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: str
    """A name in ORDERCUE_HTTP_SECRETS."""
    header: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]*$")]
    scheme: Literal["hmac_sha256", "hmac_sha1", "equal"] = "hmac_sha256"
    """`equal`: the header's value is the secret itself, such as `Basic …` in Authorization."""
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    """What stands before the signature in the header, such as `sha256=`."""


class FeedbackRule(BaseModel):
    """An event whose members at these paths have these values (or one of them) is of this kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: FeedbackKind
    where: Annotated[dict[str, _Scalar | tuple[_Scalar, ...]], Field(min_length=1, max_length=10)]


class HttpFeedback(BaseModel):
    """How the provider's webhooks to `/feedback/<channel>` are read. Each path is dotted, within one event."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    signature: FeedbackSignature
    events: str | None = None
    """Where the list of events stands; without it the body is one event, or a list of them."""
    id: str | None = None
    """The event's own id; without it all that it says is taken for it."""
    message: str | None = None
    """Our id of the message, which the request that sent it gave away as `{{ id }}`."""
    provider_id: str | None = None
    """The provider's id of the message, as `id` of the answer had it."""
    at: str | None = None
    """ISO 8601, or seconds since 1970; now, when there is none."""
    url: str | None = None
    code: str | None = None
    kinds: Annotated[tuple[FeedbackRule, ...], Field(min_length=1, max_length=50)]
    """The first that fits; other events are counted as ignored."""

    @model_validator(mode="after")
    def _finds_messages(self) -> Self:
        if self.message is None and self.provider_id is None:
            raise ValueError("write message or provider_id, so that the message can be found")
        return self


class HttpProvider(BaseModel):
    """How one provider is called and how its answers are read. Texts with braces are Liquid."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: Literal["email", "phone", "url", "id"]
    url: Annotated[str, Field(max_length=2000)]
    method: Literal["POST", "PUT"] = "POST"
    headers: Annotated[dict[str, str], Field(max_length=30)] = Field(default_factory=dict)
    content_type: str = "application/json"
    body: Annotated[str, Field(max_length=64 * 1024)]
    idempotency_header: str | None = None
    """Only for a provider that drops a second request with the same value."""
    id: str | None = None
    """Where the provider's id stands: a dotted path, or `header:NAME`. Without it our own id is kept."""
    later: tuple[AnswerRule, ...] = ()
    refused: tuple[AnswerRule, ...] = ()
    code: str | None = None
    reason: str | None = None
    retry_after: str | None = None
    """Where the seconds stand, when not in Retry-After."""
    feedback: HttpFeedback | None = None
    """What the provider tells afterwards."""


_FILE = TypeAdapter(Annotated[dict[_ChannelName, HttpProvider], Field(max_length=50)])


def http_providers(settings: Settings) -> dict[str, HttpProvider]:
    """The providers of the file by channel, none without a file. Raises ConfigurationError."""
    return _read(settings.http_providers) if settings.http_providers else {}


def at_path(document: Any, path: str) -> Any:  # Any: JSON of a provider
    """What stands at a dotted path such as `messages.0.id`; None where there is nothing."""
    for part in path.split("."):
        if isinstance(document, dict):
            document = document.get(part)
        elif isinstance(document, list) and part.isdecimal() and int(part) < len(document):
            document = document[int(part)]
        else:
            return None
    return document


@cache
def _read(path: Path) -> dict[str, HttpProvider]:
    """Settings are read once per process, and so is this."""
    try:
        text = path.read_text(encoding="utf-8")
        if len(text) > _LARGEST_FILE:
            raise ConfigurationError(f"ORDERCUE_HTTP_PROVIDERS: {path} is longer than {_LARGEST_FILE} characters")
        return _FILE.validate_python(yaml.safe_load(text) or {})
    except ValidationError as error:
        lines = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False))
        raise ConfigurationError(f"ORDERCUE_HTTP_PROVIDERS: {path}: " + "; ".join(lines)) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"ORDERCUE_HTTP_PROVIDERS: {path} cannot be read: {error}") from error
