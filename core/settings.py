"""All settings of Ordercue, in one place. Each is an environment variable with the prefix `ORDERCUE_`."""

import json
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.errors import ConfigurationError


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        msg = f"{name!r} is not an IANA time zone such as Europe/Kyiv"
        raise ValueError(msg)
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


class Settings(BaseSettings):
    """Read once per process, then passed on. `ORDERCUE_DATABASE_URL` sets `database_url`, and so on."""

    model_config = SettingsConfigDict(env_prefix="ORDERCUE_", frozen=True, extra="ignore")

    # Servers
    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        default="postgresql+asyncpg://ordercue@localhost:5432/ordercue",
        description="PostgreSQL 18 or newer; `postgresql://` is understood too.",
    )
    database_pool_size: int = Field(default=20, ge=1, le=200, description="Connections kept by one process.")
    temporal_address: str = Field(default="localhost:7233", description="host:port of Temporal's frontend.")
    temporal_namespace: str = Field(default="default", description="Temporal namespace.")
    temporal_ui_url: str = Field(default="http://localhost:8233", description="Where people open Temporal's Web UI.")
    temporal_api_key: SecretStr | None = Field(default=None, description="API key of Temporal Cloud; turns TLS on.")

    # HTTP
    api_host: str = Field(default="127.0.0.1", description="Address that the API listens on.")
    api_port: int = Field(default=8080, ge=0, le=65535, description="Port of the API; 0 takes a free one.")
    public_url: str = Field(default="http://localhost:8080", description="Address of the API as the world sees it.")
    max_body_bytes: int = Field(default=8 * 1024 * 1024, ge=1024, description="Largest request body, in bytes.")

    key_rate: int = Field(
        default=200, ge=1, le=1_000_000, description="Requests a second of a key without a rate of its own."
    )
    most_waiting_orders: int = Field(
        default=20_000, ge=1, description="Orders that may wait to be stored in one API process; beyond: 503."
    )

    # The console
    console_host: str = Field(default="127.0.0.1", description="Address that the console listens on.")
    console_port: int = Field(default=8090, ge=0, le=65535, description="Port of the console; 0 takes a free one.")
    console_url: str = Field(default="http://localhost:8090", description="Address of the console as people open it.")
    console_idle_minutes: int = Field(default=120, ge=1, le=10080, description="A session ends after so long unused.")
    console_session_hours: int = Field(
        default=24, ge=1, le=720, description="A session ends after so long in any case."
    )

    # The account
    account_zone: Annotated[str, AfterValidator(_known_zone)] = Field(default="UTC", description="IANA time zone.")
    account_currency: str = Field(default="EUR", pattern=r"^[A-Z]{3}$", description="ISO 4217, for orders without one.")
    phone_region: str = Field(
        default="UA", pattern=r"^[A-Z]{2}$", description="Region of phones without a country code."
    )
    match_order: Annotated[tuple[Literal["email", "phone"], ...], NoDecode, BeforeValidator(_split_commas)] = Field(
        default=("email", "phone"), description="Which identity finds a contact first, after externalCustomerId."
    )
    guest_ids: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_commas)] = Field(
        default=("0", "guest", "null", "none", "undefined"),
        description="externalCustomerId values that identify no one.",
    )
    account_country: str | None = Field(
        default=None,
        pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$",
        description="Whose holidays `holidays: account` means: a country such as UA, or a part of one: DE-BY.",
    )
    account_window: str | None = Field(
        default=None,
        pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$",
        description="Allowed send time on the contact's clock, such as 09:00-21:00; always, when not set.",
    )
    accept_anonymous_orders: bool = Field(default=False, description="Store orders that carry no identity at all.")

    # RFM and segments
    rfm_recency: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[1-9]\d{0,3}[dm]$")], ...], NoDecode, BeforeValidator(_split_commas)
    ] = Field(
        default=("15d", "1m", "2m", "3m", "6m", "12m"),
        min_length=1,
        max_length=19,
        description="Edges of the RFM grid's recency, shortest first: days or months since the last delivered order.",
    )
    rfm_frequency: Annotated[tuple[Annotated[int, Field(ge=1)], ...], NoDecode, BeforeValidator(_split_commas)] = Field(
        default=(1, 2, 3, 5, 8, 11),
        min_length=1,
        max_length=19,
        description="Least number of delivered orders of each column of the RFM grid, ascending.",
    )
    recalculate_hour: int = Field(
        default=3, ge=0, le=23, description="Hour of the account's zone at which RFM and segments are recalculated."
    )

    # Shop platforms
    shopify_secrets: ShopSecrets = Field(
        default={}, description="Secrets of Shopify webhooks: `shop.myshopify.com:secret,…` or JSON; see connectors.md."
    )
    woocommerce_secrets: ShopSecrets = Field(
        default={}, description="Secrets of WooCommerce webhooks: `shop.example:secret,…` or JSON; see connectors.md."
    )
    connector_replay_hours: int = Field(
        default=72, ge=1, le=8760, description="Age from which a change told by a shop platform is refused."
    )

    # Channels
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

    # Addresses that users write
    outgoing_allowed_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_commas)] = Field(
        default=(), description="Hosts that webhooks may call although they are not on the public internet, by commas."
    )
    webhook_secret: SecretStr | None = Field(
        default=None, description="Signs webhooks (Standard Webhooks): `whsec_` and 24 to 64 random bytes in base64."
    )

    # Sending
    channel_rates: Annotated[dict[str, float], NoDecode, BeforeValidator(_rates)] = Field(
        default={}, description="Messages a second by channel, over all workers: `email:50,sms:10`; else no limit."
    )
    frequency_cap_messages: int | None = Field(
        default=None, ge=1, le=1000, description="Most messages to one contact by one channel; else no limit."
    )
    frequency_cap_days: int = Field(default=7, ge=1, le=365, description="Days in which that many are allowed.")

    # Work
    sweep_seconds: int = Field(default=30, ge=1, le=3600, description="How often the sweeper looks for lost batches.")
    sweep_after_seconds: int = Field(default=10, ge=0, le=3600, description="Age from which a batch counts as lost.")
    release_per_second: int = Field(
        default=50, ge=1, le=10_000, description="Held runs that the resume of an automation lets go each second."
    )
    worker_activities: int = Field(default=20, ge=1, le=1000, description="Activities that one worker runs at once.")
    worker_cached_runs: int = Field(default=1000, ge=10, description="Sleeping runs that one worker keeps in memory.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="Least level logged.")

    # Retention
    order_events_kept_days: int = Field(default=1826, ge=1, description="Days that events of orders are kept.")
    other_events_kept_days: int = Field(default=731, ge=1, description="Days that all other events are kept.")

    # The stack of one machine (`ordercue dev`)
    data_dir: Path = Field(default=Path(".ordercue"), description="Folder of the embedded servers' data.")

    @property
    def zone(self) -> ZoneInfo:
        """The account's time zone."""
        return ZoneInfo(self.account_zone)


def read_settings() -> Settings:
    """Settings from the environment. Raises ConfigurationError with every bad variable, one a line."""
    try:
        return Settings()
    except ValidationError as error:
        lines = (f"ORDERCUE_{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        raise ConfigurationError("\n".join(lines)) from error
