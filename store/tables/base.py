"""Column kinds and the naming convention that every table follows."""

from typing import Any

from sqlalchemy import DateTime, Index, Numeric, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = SQLModel.metadata

# Any: SQLModel's Field is typed as the value it stands for, which differs for each column.


def id_column() -> Any:
    """Primary key, a UUIDv7 made by PostgreSQL, so that rows lie in the order of their making."""
    return Field(
        default=None, sa_type=Uuid, primary_key=True, nullable=False, sa_column_kwargs={"server_default": func.uuidv7()}
    )


def reference(target: str, *, optional: bool = False, index: bool = False, on_delete: str | None = None) -> Any:
    """Foreign key to `table.column`."""
    extra: dict[str, Any] = {"default": None} if optional else {}
    if on_delete:
        extra["ondelete"] = on_delete
    return Field(sa_type=Uuid, foreign_key=target, nullable=optional, index=index, **extra)


def moment(*, optional: bool = False, now: bool = False, index: bool = False) -> Any:
    """A timestamptz; `now` lets PostgreSQL fill in the start of the transaction."""
    extra: dict[str, Any] = {"default": None} if optional or now else {}
    if now:
        extra["sa_column_kwargs"] = {"server_default": func.now()}
    return Field(sa_type=DateTime(timezone=True), nullable=optional, index=index, **extra)


def json(*, optional: bool = True) -> Any:
    """A jsonb document."""
    extra: dict[str, Any] = {"default": None} if optional else {}
    return Field(sa_type=JSONB(none_as_null=True), nullable=optional, **extra)


def money(*, optional: bool = True) -> Any:
    """An exact amount, with the digits that it was given."""
    extra: dict[str, Any] = {"default": None} if optional else {}
    return Field(sa_type=Numeric(), nullable=optional, **extra)


def texts() -> Any:
    """An array of text."""
    return Field(sa_type=ARRAY(Text), nullable=False)


def line(*, optional: bool = False, **extra: Any) -> Any:
    """Text without a limit of its own: limits belong to the contract of who writes it."""
    if optional:
        extra.setdefault("default", None)
    return Field(sa_type=Text, nullable=optional, **extra)


def beginning_index(name: str, column: str) -> Index:
    """Finds texts by their beginning, whatever their case; one collation for every database makes it a range."""
    return Index(name, text(f"lower({column} COLLATE pg_c_utf8)"))
