"""Links to public pages that need no login: what a link is about is signed, so that nobody can make or change one.

A token says what it says for ever: unsubscribing works years after the mail. What shall end, ends in the database.
Tokens hold ids and small facts, nothing personal: addresses of pages stand in logs and histories.
"""

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from functools import cached_property

from itsdangerous import BadData, URLSafeSerializer

from core.errors import InvalidError

LONGEST_TOKEN = 2048
"""Characters; mail clients and proxies cut longer addresses."""

Part = str | int


class Purpose(StrEnum):
    """What a link is for: a token of one purpose is no token of another. The value is the path of its page."""

    UNSUBSCRIBE = "unsubscribe"
    VIEW = "view"
    CONFIRM = "confirm"
    CLICK = "click"
    OPEN = "open"


class BadLinkError(InvalidError):
    """The token was not made here for this purpose, or was changed on the way."""


class Links:
    """Makes and reads links. `base` is the address of the API as the world sees it."""

    def __init__(self, base: str, secrets: Sequence[str]) -> None:
        """`secrets`, newest first: the first one signs, all are understood."""
        self._base = base.rstrip("/")
        self._secrets = list(reversed(secrets))

    def url(self, purpose: Purpose, *parts: Part) -> str:
        """The whole address, with a token of `parts`. Raises ValueError when they are too long for one."""
        return f"{self._base}/{purpose}/{self.token(purpose, *parts)}"

    def is_ours(self, address: str) -> bool:
        """Whether an address is that of one of these pages, with whatever token."""
        return any(address.startswith(f"{self._base}/{purpose}/") for purpose in Purpose)

    def target(self, address: str) -> str:
        """Where a link of ours that is followed leads, or the address itself: providers tell of clicks on ours."""
        ours = f"{self._base}/{Purpose.CLICK}/"
        if not address.startswith(ours):
            return address
        try:
            return str(self.read(Purpose.CLICK, address.removeprefix(ours))[2])
        except (BadLinkError, IndexError):
            return address

    def token(self, purpose: Purpose, *parts: Part) -> str:
        """The signed text alone: letters, digits, `-`, `_` and `.`."""
        token = self._signers[purpose].dumps(parts)
        if len(token) > LONGEST_TOKEN:
            raise ValueError(f"a {purpose} link would be {len(token)} characters long")
        return token

    def read(self, purpose: Purpose, token: str) -> tuple[Part, ...]:
        """The parts that it was made of. Raises BadLinkError."""
        if len(token) > LONGEST_TOKEN:
            raise BadLinkError(f"this is no {purpose} link")
        try:
            parts = self._signers[purpose].loads(token)
        except (BadData, UnicodeError) as error:
            raise BadLinkError(f"this is no {purpose} link") from error
        return tuple(parts)

    @cached_property
    def _signers(self) -> dict[Purpose, URLSafeSerializer]:
        how = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        return {
            purpose: URLSafeSerializer(self._secrets, salt=f"ordercue.link.{purpose}", signer_kwargs=how)
            for purpose in Purpose
        }
