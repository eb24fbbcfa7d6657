"""Templates that somebody sent to an address to look at them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from store.tables.base import id_column, json, line, moment
from store.tables.message import MessageState


class TemplateTest(SQLModel, table=True):
    """A message outside of the ledger: no run sent it and nothing counts it. Its states are those of the ledger."""

    __tablename__ = "template_test"

    id: UUID = id_column()
    template: str = line()
    channel: str = line()
    address: str = line()
    state: str = line(default=MessageState.PENDING)
    reason: dict[str, Any] | None = json()
    content: dict[str, Any] | None = json()  # only until it is sent: it shows a customer's order
    provider_id: str | None = line(optional=True)
    actor: str = line()
    created_at: datetime = moment(now=True)
    updated_at: datetime = moment(now=True)
