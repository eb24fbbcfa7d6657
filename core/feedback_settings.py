"""Settings of what is heard of messages after they went out, and of what that is counted for."""

from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

from core.setting_kinds import BY_COMMAS

_Topic = Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?$")]


class FeedbackSettings(BaseSettings):
    """A part of `core.settings.Settings`."""

    ses_topics: Annotated[tuple[_Topic, ...], NoDecode, BY_COMMAS] = Field(
        default=(), description="SNS topics (ARN) from which /feedback/ses takes what SES tells, by commas."
    )
    ses_configuration_set: str | None = Field(
        default=None, description="Configuration set of SES that publishes events of our mails to such a topic."
    )
    resend_webhook_secret: SecretStr | None = Field(
        default=None, description="Signing secret (whsec_…) of the webhook of Resend that calls /feedback/resend."
    )
