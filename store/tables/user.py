"""Who may sign in to the console."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from store.tables.base import id_column, line, moment, reference


class Role(StrEnum):
    """What a user may do; each role may do what the ones before it may.

    `viewer` looks, `marketer` writes automations, templates and segments, `operator` acts on runs, messages and
    contacts, `admin` manages users, keys and settings.
    """

    VIEWER = "viewer"
    MARKETER = "marketer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def may(self, needed: "Role") -> bool:
        """Whether this role includes the needed one."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


class User(SQLModel, table=True):
    """A person of the console. The password is an argon2id hash; None signs in by one-time link alone."""

    __tablename__ = "user"
    __table_args__ = (Index("uq_user_email", text("lower(email)"), unique=True),)

    id: UUID = id_column()
    email: str = line()
    role: str = line()
    password_hash: str | None = line(optional=True)
    created_at: datetime = moment(now=True)
    disabled_at: datetime | None = moment(optional=True)


class UserSession(SQLModel, table=True):
    """A signed-in browser; only the SHA-256 of its cookie is kept."""

    __tablename__ = "user_session"

    token_hash: bytes = Field(primary_key=True)
    user_id: UUID = reference("user.id", index=True, on_delete="CASCADE")
    created_at: datetime = moment(now=True)
    seen_at: datetime = moment()


class SignInLink(SQLModel, table=True):
    """A link that signs in once; only the SHA-256 of its token is kept."""

    __tablename__ = "sign_in_link"

    token_hash: bytes = Field(primary_key=True)
    user_id: UUID = reference("user.id", index=True, on_delete="CASCADE")
    expires_at: datetime = moment()


class SignInFailure(SQLModel, table=True):
    """How often signing in failed lately, for one e-mail address or one network address (as a hash)."""

    __tablename__ = "sign_in_failure"

    subject: str = line(primary_key=True)
    count: int
    last_at: datetime = moment()
