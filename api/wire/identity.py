"""Identities of a customer, normalised for matching: externalCustomerId, e-mail, phone."""

from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from email_validator import EmailNotValidError, validate_email

CACHED = 50_000
"""Addresses and phones that one process remembers (some 10 MB)."""


def match_external_id(text: str, guest_ids: frozenset[str]) -> str | None:
    """The trimmed id, or None for one that stands for any guest."""
    trimmed = text.strip()
    return trimmed if trimmed and trimmed.casefold() not in guest_ids else None


@lru_cache(maxsize=CACHED)
def match_email(text: str) -> str | None:
    """The trimmed, lower-cased address, or None when no mail can reach it. DNS is not asked."""
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except (EmailNotValidError, ValueError):
        return None


@lru_cache(maxsize=CACHED)
def match_phone(text: str, region: str) -> str | None:
    """The number in E.164 (`+380501234567`), or None for what is no valid number. `region` is ISO 3166 alpha-2."""
    if any(character.isalpha() for character in text):
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class Identities(NamedTuple):
    """By what an order's customer can be found; None where there is nothing usable."""

    external_id: str | None
    email: str | None
    phone: str | None
