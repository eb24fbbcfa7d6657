"""Statements that every batch of orders runs, as the driver takes them: reading them anew costs more than they do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession

_PARAMETER = re.compile(r"(?<!:):([a-z_]+)")


@dataclass(frozen=True, slots=True)
class DriverSql:
    """SQL with `$1`, `$2` …; values go to the driver and rows come from it as they are."""

    sql: str
    names: tuple[str, ...]
    """Its parameters in their order."""

    @classmethod
    def of(cls, statement: str) -> Self:
        """From SQL with `:name`s. PostgreSQL tells their types, so where it cannot they are cast."""
        names = tuple(dict.fromkeys(_PARAMETER.findall(statement)))
        return cls(_PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", statement), names)

    async def run(self, session: AsyncSession, given: Mapping[str, object]) -> CursorResult[Any]:  # Any: a row
        """Execute it in the session's transaction. Nothing that the session has not flushed is seen."""
        connection = await session.connection()
        return await connection.exec_driver_sql(self.sql, tuple(given[name] for name in self.names))
