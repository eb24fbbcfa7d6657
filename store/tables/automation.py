"""What marketers wrote: automations and templates, each with immutable versions."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import SQLModel

from store.tables.base import id_column, json, line, moment, reference


class AutomationState(StrEnum):
    """`draft` was never published, `live` launches and sends, `paused` holds both, `archived` is over."""

    DRAFT = "draft"
    LIVE = "live"
    PAUSED = "paused"
    ARCHIVED = "archived"


class Automation(SQLModel, table=True):
    """An automation; what it does is in its versions."""

    __tablename__ = "automation"

    id: UUID = id_column()
    name: str = line(unique=True)
    state: str = line(default=AutomationState.LIVE)
    live_number: int | None = None  # the version that new runs get
    draft: dict[str, Any] | None = json()  # what the next version may become
    created_at: datetime = moment(now=True)
    updated_at: datetime = moment(now=True)


class AutomationVersion(SQLModel, table=True):
    """A published definition; never changed."""

    __tablename__ = "automation_version"
    __table_args__ = (UniqueConstraint("automation_id", "number"),)

    id: UUID = id_column()
    automation_id: UUID = reference("automation.id")
    number: int
    definition: dict[str, Any] = json(optional=False)
    published_at: datetime = moment(now=True)
    drained_at: datetime | None = moment(optional=True)  # since then its runs stop before their next send


class TemplateRow(SQLModel, table=True):
    """A message template; its text is in its versions, the newest one is used."""

    __tablename__ = "template"

    id: UUID = id_column()
    name: str = line(unique=True)
    created_at: datetime = moment(now=True)


class TemplateVersion(SQLModel, table=True):
    """One text of a template; never changed."""

    __tablename__ = "template_version"
    __table_args__ = (UniqueConstraint("template_id", "number"),)

    id: UUID = id_column()
    template_id: UUID = reference("template.id")
    number: int
    content: dict[str, Any] = json(optional=False)
    created_at: datetime = moment(now=True)
    prepared: dict[str, Any] | None = json()  # the same as it is rendered: MJML compiled, CSS inlined; None: as written
