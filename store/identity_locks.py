"""Whoever may create, change or merge contacts first locks the values by which they are known."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_STRIPES = 256
_LOCK_SPACE = 5_072_002
"""First key of the advisory locks. A fixed number of stripes keeps PostgreSQL's lock table small."""

_LOCK = text("SELECT pg_advisory_xact_lock(:space, stripe) FROM unnest(CAST(:stripes AS int[])) AS stripe")


async def lock_identities(session: AsyncSession, values: Iterable[str]) -> None:
    """Wait for whoever works on these values; hold others off until this transaction ends. Never deadlocks by itself.

    Call once a transaction: the stripes are taken in their order.
    """
    stripes = sorted({hashlib.blake2b(value.encode(), digest_size=1).digest()[0] % _STRIPES for value in values})
    await session.execute(_LOCK, {"space": _LOCK_SPACE, "stripes": stripes})
