"""How orders came that no request of an integration brought: imports of files, deliveries of shop platforms."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from store.tables.base import id_column, json, line, moment, reference


class ImportState(StrEnum):
    """`running` until the end of the file is committed."""

    RUNNING = "running"
    DONE = "done"


class OrderImport(SQLModel, table=True):
    """How far the import of one file has come. It changes in the transaction that stores the orders it speaks of."""

    __tablename__ = "order_import"

    id: UUID = id_column()
    file_hash: bytes = Field(unique=True)  # SHA-256 of the content, whatever the file is called
    file_name: str = line()
    options: dict[str, Any] = json(optional=False)
    state: str = line(default=ImportState.RUNNING)
    position: int = Field(default=0, sa_type=BigInteger)  # bytes of the unpacked file that are done
    line: int = Field(default=0, sa_type=BigInteger)
    accepted: int = Field(default=0, sa_type=BigInteger)
    rejected: int = Field(default=0, sa_type=BigInteger)
    reject_bytes: int = Field(default=0, sa_type=BigInteger)  # of the reject file; what is behind them is cut off
    started_at: datetime = moment(now=True)
    updated_at: datetime = moment(now=True)
    finished_at: datetime | None = moment(optional=True)


class ConnectorDelivery(SQLModel, table=True):
    """One webhook of a shop platform, so that a second one of the same id or content does nothing."""

    __tablename__ = "connector_delivery"
    __table_args__ = (
        Index(None, "platform", "shop", "topic", "body_hash", unique=True),
        Index(None, "received_at"),
    )

    platform: str = line(primary_key=True)
    shop: str = line(primary_key=True)
    delivery_id: str = line(primary_key=True)
    topic: str = line()
    body_hash: bytes
    outcome: str = line()
    failures: list[dict[str, str]] | None = json()  # code and field of each reason, without the values
    batch_id: UUID | None = reference("event_batch.id", optional=True)
    received_at: datetime = moment(now=True)
