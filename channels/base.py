"""What every message provider looks like to the rest of Ordercue."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class AddressKind(StrEnum):
    """What an address of the channel is."""

    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    ID = "id"
    """The provider's own name for a person, such as a chat."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message, rendered. `id` is the ledger's message id and the idempotency key of every attempt."""

    id: UUID
    address: str
    sender: str
    """`Name <address>` or a bare address for e-mail; what the provider calls a sender elsewhere."""
    subject: str
    """Empty where the channel knows no subject."""
    text: str
    html: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """More headers, such as List-Unsubscribe."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has the message. `provider_id` is how the provider calls it."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider does not have it and will not take it. `reason` carries no personal data."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """The provider does not have it; another try, not before `retry_after` seconds, may succeed."""

    code: str
    reason: str
    retry_after: float | None = None
    same: bool = False
    """The provider may have it after all, and drops repetitions by key: only the same content may go again."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """It cannot be known whether the provider has it, so nobody may repeat it blindly."""

    code: str
    reason: str


Outcome = Accepted | Refused | Later | Unknown


class Channel(Protocol):
    """A way to reach people. One provider, one file, one entry in `core.channels`."""

    @property
    def name(self) -> str:
        """The name that automations and the ledger use: `email`, `sms` and so on."""

    @property
    def takes_key(self) -> bool:
        """Whether the provider itself drops a second message with the same id."""

    @property
    def address_kind(self) -> AddressKind:
        """What `Outgoing.address` has to be."""

    async def send(self, message: Outgoing) -> Outcome:
        """Try once. Every trouble of the provider is an Outcome; only cancellation is raised."""

    async def close(self) -> None:
        """Give connections back. The channel is not used afterwards."""
