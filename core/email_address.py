"""E-mail addresses for matching: email-validator's rules, with a short way for plain ASCII addresses."""

import re
from functools import lru_cache

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

CACHED = 20_000
"""Texts that one process remembers, some 200 bytes each."""

_LONGEST = 254
_SPECIAL = tuple(f".{name}" for name in SPECIAL_USE_DOMAIN_NAMES)

# What the library accepts when all is ASCII and no label can be Punycode (no `--`): RFC 5322's dot-atom, then labels of
# at most 63 characters, at least two of them, the last one ending in a letter.
_ATOM = r"[a-z0-9_!#$%&'*+\-/=?^`{|}~]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_LAST_LABEL = r"(?:[a-z0-9][a-z0-9-]{0,61})?[a-z]"
_PLAIN = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LAST_LABEL}")


@lru_cache(maxsize=CACHED)
def match_email(text: str) -> str | None:
    """The trimmed, lower-cased address, or None when no mail can reach it. DNS is not asked.

    Internationalised addresses are welcome; a domain in Punycode and the same in Unicode are one address (in Unicode).
    """
    address = text.strip().lower()
    if text.isascii() and len(address) <= _LONGEST and _PLAIN.fullmatch(address) and "--" not in address:
        return None if address.endswith(_SPECIAL) else address
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except (EmailNotValidError, ValueError):
        return None
