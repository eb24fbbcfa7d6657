"""Who may call us."""

from datetime import datetime
from uuid import UUID

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
