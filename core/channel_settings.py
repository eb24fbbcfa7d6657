"""Settings of the channels: who takes messages, and with which secrets."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


class ChannelSettings(BaseSettings):
    """A part of `core.settings.Settings`."""

    email_provider: Literal["smtp", "resend", "ses", "http"] = Field(
        default="smtp", description="Who takes e-mails; `http` is the provider `email` of the file; see channels.md."
    )
    sms_provider: Literal["none", "twilio", "http"] = Field(
        default="none", description="Who takes SMS; `http` is the provider `sms` of the file; see channels.md."
    )
    mail_from: str = Field(default="Ordercue <orders@ordercue.example>", description="Sender of e-mails.")
    sms_from: str = Field(default="", description="Sender of SMS: a number, a name, or Twilio's MessagingServiceSid.")
    provider_timeout_seconds: float = Field(
        default=20.0, gt=0, le=60, description="Longest wait for a provider over HTTP, and as long to connect to it."
    )
    resend_api_key: SecretStr | None = Field(default=None, description="API key of Resend.")
    resend_url: str = Field(default="https://api.resend.com", description="Address of Resend's API.")
    ses_region: str | None = Field(default=None, description="AWS region of Amazon SES, such as eu-central-1.")
    ses_access_key_id: str | None = Field(default=None, description="AWS access key that may call ses:SendEmail.")
    ses_secret_access_key: SecretStr | None = Field(default=None, description="Secret of the AWS access key.")
    ses_session_token: SecretStr | None = Field(default=None, description="Session token of a temporary AWS key.")
    ses_url: str | None = Field(default=None, description="Address of SES; by default the region's public one.")
    twilio_account_sid: str | None = Field(default=None, description="Account SID of Twilio (AC…).")
    twilio_auth_token: SecretStr | None = Field(default=None, description="Auth token of Twilio.")
    twilio_url: str = Field(default="https://api.twilio.com", description="Address of Twilio's API.")
    http_providers: Path | None = Field(
        default=None, description="YAML file of providers made by configuration; see channels.md."
    )
    http_secrets: dict[str, SecretStr] = Field(
        default={}, description="JSON object of name to secret, for `{{ secrets.name }}` in that file."
    )

    # SMTP
    smtp_host: str = Field(default="localhost", description="SMTP server.")
    smtp_port: int = Field(default=1025, ge=1, le=65535, description="Port of the SMTP server.")
    smtp_tls: Literal["none", "starttls", "tls"] = Field(default="none", description="How the connection is secured.")
    smtp_username: str | None = Field(default=None, description="SMTP user, when the server asks for one.")
    smtp_password: SecretStr | None = Field(default=None, description="SMTP password.")
    smtp_timeout_seconds: float = Field(default=20.0, gt=0, le=120, description="Longest wait for the SMTP server.")
