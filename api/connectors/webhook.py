"""A webhook of a shop platform as both connectors understand it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Webhook:
    """A delivery whose signature was right."""

    platform: str
    shop: str
    """Host name of the shop."""
    topic: str
    delivery_id: str
    body: bytes


@dataclass(frozen=True)
class Meaning:
    """What a webhook says in terms of the contract."""

    order: dict[str, Any] | None  # Any: a raw order, to be checked as one of a request
    why_not: str = ""
    """When there is no order in it: the reason."""
    changed_at: datetime | None = None
    """The platform's moment of the change, from the signed body."""


def nothing(why: str) -> Meaning:
    """A webhook that brings no order."""
    return Meaning(None, why)
