"""The audit log: written in the transaction of the change that it tells of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from store.tables import AuditEntry


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries; None does not restrict. Moments from `since` up to, and without, `until`."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def record_audit(
    session: AsyncSession,
    *,
    actor: str,
    action: str,
    subject: str,
    details: Mapping[str, Any] | None = None,  # Any: JSON
) -> None:
    """Remember a change.

    Args:
        session: the transaction of the change.
        actor: `key:<prefix>`, `cli:<os user>`, `user:<email>` or `system`.
        action: what was done, such as `automation.pause`.
        subject: to what, such as `automation:Thanks` or `contact:<id>`.
        details: small facts without personal data.
    """
    session.add(AuditEntry(actor=actor, action=action, subject=subject, details=dict(details) if details else None))
    await session.flush()


async def list_audit(
    session: AsyncSession, wanted: AuditFilter, *, before: UUID | None = None, limit: int = 50
) -> list[AuditEntry]:
    """Newest first; `before` is the last id of the page before."""
    query = select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(limit)
    for name in ("actor", "action", "subject"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(col(getattr(AuditEntry, name)) == value)
    if wanted.since:
        query = query.where(col(AuditEntry.at) >= wanted.since)
    if wanted.until:
        query = query.where(col(AuditEntry.at) < wanted.until)
    if before:
        query = query.where(col(AuditEntry.id) < before)
    return list(await session.scalars(query))
