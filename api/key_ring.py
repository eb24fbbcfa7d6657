"""Which key calls, checked against PostgreSQL at most every few seconds."""

import asyncio
import base64
import binascii
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Self

from api.problems import Problem
from api.rate_limit import RateLimit
from core.errors import UnavailableError
from store.keys import Scope, find_key, proves, split_key, touch_keys
from store.session import Database
from store.tables import ApiKey

_FRESH_SECONDS = 5.0
"""A revoked key opens nothing after this long, in every API process."""
_WRITE_SECONDS = 5.0
"""When keys were last used is written so often, in one statement."""
_MOST_CACHED = 10_000


class KeyRing:
    """Keys by prefix, remembered for a few seconds, the unknown ones too."""

    def __init__(self, database: Database, rates: RateLimit) -> None:
        self._database = database
        self._rates = rates
        self._known: dict[str, tuple[float, ApiKey | None]] = {}
        self._used: dict[str, datetime] = {}
        self._lock = asyncio.Lock()

    async def identify(self, authorization: str | None) -> ApiKey:
        """The key of an Authorization header, Basic or Bearer. Raises Problem 401, and 429 when it asks too often."""
        parts = split_key(_password(authorization))
        row = await self._find(parts[0]) if parts else None
        if parts is None or row is None or not proves(row, parts[1]):
            raise _unauthorized("the key is not known")
        now = datetime.now(UTC)
        if row.revoked_at is not None:
            raise _unauthorized("the key was revoked")
        if row.expires_at is not None and row.expires_at <= now:
            raise _unauthorized("the key has expired")
        self._used[row.prefix] = now
        await self._rates.take(row)
        return row

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Write when keys were used until the end of the block."""
        task = asyncio.create_task(self._keep_writing())
        try:
            yield self
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await self._write_used()

    async def _keep_writing(self) -> None:
        while True:
            await asyncio.sleep(_WRITE_SECONDS)
            await self._write_used()

    async def _find(self, prefix: str) -> ApiKey | None:
        if known := self._fresh(prefix):
            return known[1]
        async with self._lock:
            if known := self._fresh(prefix):  # who waited for the lock finds what was asked meanwhile
                return known[1]
            async with self._database.transaction() as session:
                row = await find_key(session, prefix)
            if len(self._known) >= _MOST_CACHED:
                self._known.clear()
            self._known[prefix] = (time.monotonic(), row)
        return row

    def _fresh(self, prefix: str) -> tuple[float, ApiKey | None] | None:
        known = self._known.get(prefix)
        return known if known and time.monotonic() - known[0] < _FRESH_SECONDS else None

    async def _write_used(self) -> None:
        used, self._used = self._used, {}
        if not used:
            return
        try:
            async with self._database.transaction() as session:
                await touch_keys(session, used)
        except UnavailableError:
            self._used = used | self._used


def require(row: ApiKey, scope: Scope) -> None:
    """Raise Problem 403 unless the key has the scope."""
    if scope not in row.scopes and Scope.ADMIN not in row.scopes:
        raise Problem(
            403,
            "missing_scope",
            f"the key has no scope {scope.value}",
            remedy=f"create a key with it: ordercue keys create --scope {scope.value}",
        )


def _password(authorization: str | None) -> str:
    if not authorization:
        raise _unauthorized("no key was sent")
    kind, _, value = authorization.partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    if kind.lower() != "basic":
        raise _unauthorized("the Authorization header is neither Basic nor Bearer")
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2].strip()
    except (binascii.Error, UnicodeDecodeError):
        raise _unauthorized("the Basic credentials cannot be read") from None


def _unauthorized(detail: str) -> Problem:
    return Problem(
        401,
        "unauthorized",
        detail,
        remedy="send the API key as Basic password or Bearer token",
        headers={"WWW-Authenticate": 'Basic realm="Ordercue", charset="UTF-8"'},
    )
