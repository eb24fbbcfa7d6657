"""Identities of a customer, normalised for matching."""

from typing import NamedTuple

from core.email_address import match_email
from core.phone_number import match_phone


class Identities(NamedTuple):
    """By what an order's customer can be found; None where there is nothing usable."""

    external_id: str | None
    email: str | None
    phone: str | None


def match_external_id(text: str, guest_ids: frozenset[str]) -> str | None:
    """The trimmed id, or None for one that stands for any guest. `guest_ids` are casefolded."""
    trimmed = text.strip()
    return trimmed if trimmed and trimmed.casefold() not in guest_ids else None


__all__ = ["Identities", "match_email", "match_external_id", "match_phone"]
