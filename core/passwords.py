"""Passwords of people: argon2id, with the parameters that argon2-cffi recommends (RFC 9106)."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 200

_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("nobody's password")


def hash_password(password: str) -> str:
    """The hash to store; takes about 50 ms of one core on purpose."""
    return _HASHER.hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Whether it is the one; takes as long for a user who does not exist, so that time tells nothing."""
    try:
        _HASHER.verify(stored or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None
