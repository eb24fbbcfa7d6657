"""Who changed what."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import SQLModel

from store.tables.base import id_column, json, line, moment


class AuditEntry(SQLModel, table=True):
    """One change through API, console or CLI. Ids and counts only: nothing personal is in here."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_actor_id", "actor", "id"),
        Index("ix_audit_log_action_id", "action", "id"),
        Index("ix_audit_log_subject_id", "subject", "id"),
    )

    id: UUID = id_column()
    at: datetime = moment(now=True)
    actor: str = line()
    action: str = line()
    subject: str = line()
    details: dict[str, Any] | None = json()
