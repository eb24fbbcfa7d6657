"""Answers kept for a day, so that a request sent twice with the same Idempotency-Key is done once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import ConflictError

LIFETIME = timedelta(hours=24)
PATIENCE_SECONDS = 5
"""So long a request waits for another one with its key; it holds a connection meanwhile."""

_MOST_FORGOTTEN = 20
"""Each new row takes away up to so many old ones: more go than come, and none waits for a job."""

_LOCK_NOT_AVAILABLE = "55P03"

_PATIENTLY = text("SELECT set_config('lock_timeout', :timeout, true)")
_AS_EVER = text("SET LOCAL lock_timeout TO DEFAULT")
# Waits for a transaction that inserts the same key; a row past its life is taken over. Leaves a live row locked.
_CLAIM = text("""
    INSERT INTO stored_answer AS stored (api_key_id, key, request_hash, created_at)
    VALUES (:api_key_id, :key, :request_hash, :now)
    ON CONFLICT (api_key_id, key) DO UPDATE
    SET request_hash = excluded.request_hash, created_at = excluded.created_at, answer = NULL
    WHERE stored.created_at <= :expired
    RETURNING true
""")
_FIND = text("SELECT request_hash, answer FROM stored_answer WHERE api_key_id = :api_key_id AND key = :key")
_KEEP = text("UPDATE stored_answer SET answer = :answer WHERE api_key_id = :api_key_id AND key = :key")
_FORGET = text("""
    DELETE FROM stored_answer WHERE (api_key_id, key) IN (
        SELECT api_key_id, key FROM stored_answer WHERE created_at <= :expired
        ORDER BY created_at LIMIT :limit FOR UPDATE SKIP LOCKED)
""")


class KeyReusedError(ConflictError):
    """The key came before with another request."""


class KeyInUseError(ConflictError):
    """Another request with the key is still being worked on."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A request that is to be done once: whose, under which key, and the SHA-256 of all that it says."""

    api_key_id: UUID
    key: str
    request_hash: bytes


async def claim(session: AsyncSession, wanted: Claim, now: datetime) -> str | None:
    """The stored answer, or None: then the work is the caller's, who hands its answer to `keep` in this transaction.

    Call it before anything else in the transaction, so that who waits here holds nothing that others wait for.
    Raises KeyReusedError, and KeyInUseError when another transaction holds the key for longer than PATIENCE_SECONDS.
    """
    whose = {"api_key_id": wanted.api_key_id, "key": wanted.key}
    expired = now - LIFETIME
    await session.execute(_PATIENTLY, {"timeout": f"{PATIENCE_SECONDS}s"})
    try:
        ours = await session.scalar(
            _CLAIM, whose | {"request_hash": wanted.request_hash, "now": now, "expired": expired}
        )
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise KeyInUseError("a request with this key is still being worked on") from error
        raise
    await session.execute(_AS_EVER)
    if ours:
        await session.execute(_FORGET, {"expired": expired, "limit": _MOST_FORGOTTEN})
        return None
    found = (await session.execute(_FIND, whose)).one()
    if found.request_hash != wanted.request_hash:
        raise KeyReusedError("this key came before with another request")
    answer: str = found.answer
    return answer


async def keep(session: AsyncSession, claimed: Claim, answer: str) -> None:
    """Store the answer of a claimed request."""
    await session.execute(_KEEP, {"api_key_id": claimed.api_key_id, "key": claimed.key, "answer": answer})
