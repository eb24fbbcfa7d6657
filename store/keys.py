"""API keys: shown once, kept as a hash."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.errors import NotFoundError
from store.tables import ApiKey

_PREFIX_BYTES = 6
_SECRET_BYTES = 32
_TOUCH = text("""
    UPDATE api_key k SET last_used_at = GREATEST(k.last_used_at, used.at)
    FROM unnest(CAST(:prefixes AS text[]), CAST(:moments AS timestamptz[])) AS used(prefix, at)
    WHERE k.prefix = used.prefix
""")


class Scope(StrEnum):
    """What a key may do. `admin` may do everything."""

    ORDERS_WRITE = "orders:write"
    ORDERS_IMPORT = "orders:import"
    ORDERS_READ = "orders:read"
    CONTACTS = "contacts"
    EVENTS = "events"
    AUTOMATIONS = "automations"
    ADMIN = "admin"


DEFAULT_SCOPES = (Scope.ORDERS_WRITE, Scope.ORDERS_READ, Scope.CONTACTS, Scope.EVENTS)


@dataclass(frozen=True, slots=True)
class CreatedKey:
    """A new key; `text` is not stored and cannot be shown again."""

    row: ApiKey
    text: str


async def create_key(
    session: AsyncSession,
    name: str,
    scopes: Sequence[Scope] = DEFAULT_SCOPES,
    *,
    legacy_empty_body: bool = False,
    expires_at: datetime | None = None,
    rate: int | None = None,
) -> CreatedKey:
    """Make a key `oc_<prefix>_<secret>`: the prefix finds the row, the secret proves the key.

    `rate` is in requests a second; None takes the setting's.
    """
    prefix, secret = secrets.token_hex(_PREFIX_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    row = ApiKey(
        name=name,
        prefix=prefix,
        secret_hash=_digest(secret),
        scopes=[str(scope) for scope in scopes],
        legacy_empty_body=legacy_empty_body,
        expires_at=expires_at,
        rate=rate,
    )
    session.add(row)
    await session.flush()
    await session.refresh(row)
    return CreatedKey(row, f"oc_{prefix}_{secret}")


def split_key(key: str) -> tuple[str, str] | None:
    """Prefix and secret of a key's text, or None when it does not look like one."""
    kind, _, rest = key.partition("_")
    prefix, _, secret = rest.partition("_")
    return (prefix, secret) if kind == "oc" and prefix and secret else None


def proves(row: ApiKey, secret: str) -> bool:
    """Whether this is the key's secret, in constant time."""
    return hmac.compare_digest(row.secret_hash, _digest(secret))


async def find_key(session: AsyncSession, prefix: str) -> ApiKey | None:
    """The key with this prefix."""
    found: ApiKey | None = await session.scalar(select(ApiKey).where(col(ApiKey.prefix) == prefix))
    return found


async def list_keys(session: AsyncSession) -> list[ApiKey]:
    """Every key, newest last."""
    return list(await session.scalars(select(ApiKey).order_by(col(ApiKey.id))))


async def revoke_key(session: AsyncSession, prefix: str, now: datetime) -> ApiKey:
    """End a key at once. Doing so again changes nothing. Raises NotFoundError."""
    row = await find_key(session, prefix)
    if row is None:
        raise NotFoundError("key", prefix)
    row.revoked_at = row.revoked_at or now
    session.add(row)
    return row


async def touch_keys(session: AsyncSession, used: Mapping[str, datetime]) -> None:
    """Remember when the keys with these prefixes were last used."""
    await session.execute(_TOUCH, {"prefixes": list(used), "moments": list(used.values())})


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
