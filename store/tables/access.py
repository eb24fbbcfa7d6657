"""Who may call us, and what they were told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid
from sqlmodel import Field, SQLModel

from store.tables.base import id_column, line, moment, texts


class ApiKey(SQLModel, table=True):
    """An API key. Only the SHA-256 of its secret is kept: it has 256 random bits, so no slow hash is needed."""

    __tablename__ = "api_key"

    id: UUID = id_column()
    name: str = line()
    prefix: str = line(unique=True)
    secret_hash: bytes
    scopes: list[str] = texts()
    legacy_empty_body: bool = Field(default=False)
    created_at: datetime = moment(now=True)
    last_used_at: datetime | None = moment(optional=True)
    expires_at: datetime | None = moment(optional=True)
    revoked_at: datetime | None = moment(optional=True)
    rate: int | None = None
    """Requests a second; None: the setting's."""


class RateBudget(SQLModel, table=True):
    """What a key may still ask for: a bucket that fills at its rate, from which API processes take ahead."""

    __tablename__ = "rate_budget"

    api_key_id: UUID = Field(sa_type=Uuid, primary_key=True, foreign_key="api_key.id")
    tokens: float
    counted_at: datetime = moment()


class StoredAnswer(SQLModel, table=True):
    """What a request with an Idempotency-Key was answered. `answer` is there as soon as others can see the row."""

    __tablename__ = "stored_answer"

    api_key_id: UUID = Field(sa_type=Uuid, primary_key=True, foreign_key="api_key.id")
    key: str = line(primary_key=True)
    request_hash: bytes
    answer: str | None = line(optional=True)
    created_at: datetime = moment(index=True)
