"""All settings of Ordercue, in one place. Each is an environment variable with the prefix `ORDERCUE_`."""

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.channel_settings import ChannelSettings
from core.errors import ConfigurationError
from core.feedback_settings import FeedbackSettings
from core.figure_settings import FigureSettings
from core.link_settings import LinkSettings
from core.setting_kinds import BY_COMMAS, ChannelRates, DatabaseUrl, LocaleName, ShopSecrets, Zone
from core.tracking_settings import TrackingSettings


class Settings(ChannelSettings, LinkSettings, FeedbackSettings, TrackingSettings, FigureSettings, BaseSettings):
    """Read once per process, then passed on. `ORDERCUE_DATABASE_URL` sets `database_url`, and so on."""

    model_config = SettingsConfigDict(env_prefix="ORDERCUE_", frozen=True, extra="ignore")

    # Servers
    database_url: DatabaseUrl = Field(
        default="postgresql+asyncpg://ordercue@localhost:5432/ordercue",
        description="PostgreSQL 18 or newer; `postgresql://` is understood too.",
        repr=False,  # it may hold a password
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
    console_locale: LocaleName = Field(
        default="en", description="Locale of numbers, amounts and words of the console, such as uk or de-AT."
    )
    console_session_hours: int = Field(
        default=24, ge=1, le=720, description="A session ends after so long in any case."
    )

    # The account
    account_zone: Zone = Field(default="UTC", description="IANA time zone.")
    account_currency: str = Field(default="EUR", pattern=r"^[A-Z]{3}$", description="ISO 4217, for orders without one.")
    account_language: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}$",
        description="Variant of a template for contacts in whose language there is none, such as uk.",
    )
    phone_region: str = Field(
        default="UA", pattern=r"^[A-Z]{2}$", description="Region of phones without a country code."
    )
    match_order: Annotated[tuple[Literal["email", "phone"], ...], NoDecode, BY_COMMAS] = Field(
        default=("email", "phone"), description="Which identity finds a contact first, after externalCustomerId."
    )
    guest_ids: Annotated[tuple[str, ...], NoDecode, BY_COMMAS] = Field(
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

    # Addresses that users write
    outgoing_allowed_hosts: Annotated[tuple[str, ...], NoDecode, BY_COMMAS] = Field(
        default=(), description="Hosts that webhooks may call although they are not on the public internet, by commas."
    )
    webhook_secret: SecretStr | None = Field(
        default=None, description="Signs webhooks (Standard Webhooks): `whsec_` and 24 to 64 random bytes in base64."
    )

    # Sending
    channel_rates: ChannelRates = Field(
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
        default=50, ge=1, le=10_000, description="Runs that a resume, or a look at a segment, starts each second."
    )
    worker_activities: int = Field(default=20, ge=1, le=1000, description="Activities that one worker runs at once.")
    worker_cached_runs: int = Field(default=1000, ge=10, description="Sleeping runs that one worker keeps in memory.")
    worker_sandbox: bool = Field(
        default=False, description="Check while workflows run that they do only what a replay can repeat; costs CPU."
    )
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
