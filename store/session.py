"""The database: one pool a process, one transaction a request or activity."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from core.document import dump_json, load_json
from core.errors import InvalidError, UnavailableError

_CONNECTION_LOST = ("08", "57P", "53300")
"""SQLSTATE prefixes of a server that is away, shutting down or full (PostgreSQL documentation, appendix A)."""

_LOCK_CONFLICTS = frozenset({"40P01", "40001"})
"""Deadlock detected, serialization failure: the transaction did nothing."""

_NOT_TEXT = "22021"
"""SQLSTATE of a character that no text may have: the NUL that some field let through."""


@dataclass(frozen=True)
class Database:
    """The engine, and the only way to a session."""

    engine: AsyncEngine

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session in one transaction: commits at the end, rolls back on any error.

        Raises UnavailableError when PostgreSQL is away, InvalidError for a text that PostgreSQL cannot hold.
        """
        with _errors():
            async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
                yield session

    @asynccontextmanager
    async def statements(self) -> AsyncIterator[AsyncConnection]:
        """A connection on which each statement is a transaction, without the round trips of begin and commit.

        Raises what transaction does.
        """
        with _errors():
            async with self._each_alone.connect() as connection:
                yield connection

    @cached_property
    def _each_alone(self) -> AsyncEngine:
        return self.engine.execution_options(isolation_level="AUTOCOMMIT")

    async def close(self) -> None:
        """Give the connections back."""
        await self.engine.dispose()


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except (OSError, PoolTimeoutError) as error:
        raise UnavailableError("PostgreSQL does not answer") from error
    except DBAPIError as error:
        if is_unavailable(error):
            raise UnavailableError("PostgreSQL does not answer") from error
        if getattr(error.orig, "sqlstate", None) == _NOT_TEXT:
            raise InvalidError("a text has a NUL character; leave it out") from error
        raise


def is_unavailable(error: DBAPIError) -> bool:
    """Whether the server is away, rather than the statement wrong."""
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or (state is not None and state.startswith(_CONNECTION_LOST))


def is_conflict(error: DBAPIError) -> bool:
    """Whether others lock in another order: the same transaction may be tried again."""
    return getattr(error.orig, "sqlstate", None) in _LOCK_CONFLICTS


def open_database(url: str, *, pool_size: int = 10) -> Database:
    """A pool of connections to PostgreSQL; connects on first use. `postgresql://` means asyncpg too."""
    scheme, _, rest = url.partition("://")
    address = f"postgresql+asyncpg://{rest}" if scheme in {"postgres", "postgresql"} else url
    engine = create_async_engine(
        address,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=False,
        hide_parameters=True,  # errors are logged, and kept by Temporal; parameters are addresses and contents
        json_serializer=lambda value: dump_json(value).decode(),
        json_deserializer=load_json,
        connect_args={"timeout": 5, "server_settings": {"application_name": "ordercue", "timezone": "UTC"}},
    )
    return Database(engine)
