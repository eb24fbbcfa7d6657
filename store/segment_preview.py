"""What a definition would find, before it is kept."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ClauseElement, Executable, Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from core.errors import InvalidError
from core.segments.definition import Condition, in_order, segments_in
from store.refresh import dynamic_segments
from store.segment_sql import Account, members_statement
from store.tables import Segment

_CHEAP, _DEAR = 10_000.0, 1_000_000.0
_SAMPLE = 10


class _Explain(Executable, ClauseElement):
    """EXPLAIN of a statement, with its bound parameters."""

    inherit_cache = False

    def __init__(self, statement: Select[tuple[UUID]]) -> None:
        self.statement = statement


@compiles(_Explain)
def _explain(element: _Explain, compiler: SQLCompiler, **options: Any) -> str:  # Any: SQLAlchemy's own type
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.statement, **options)}"


@dataclass(frozen=True, slots=True)
class Preview:
    """How many contacts it finds, some of them, and what PostgreSQL's planner thinks of the statement."""

    count: int
    sample: list[UUID]
    cost: str
    """`cheap`, `fair` or `dear`."""


async def preview(session: AsyncSession, condition: Condition, account: Account) -> Preview:
    """Count and sample the contacts. Cancelled after 20 seconds."""
    await session.execute(text("SET LOCAL statement_timeout = '20s'"))
    statement = members_statement(condition, account)
    found = statement.subquery()
    count = await session.scalar(select(func.count()).select_from(found))
    sample = list(await session.scalars(select(found.c.id).order_by(found.c.id).limit(_SAMPLE)))
    plan: list[Any] = (await session.execute(_Explain(statement))).scalar_one()  # Any: JSON of EXPLAIN
    total = float(plan[0]["Plan"]["Total Cost"])
    return Preview(count or 0, sample, "cheap" if total < _CHEAP else "fair" if total < _DEAR else "dear")


async def check_references(session: AsyncSession, name: str, condition: Condition) -> None:
    """Every segment that it asks for exists and none asks back. Raises InvalidError."""
    asked = segments_in(condition)
    known = set(await session.scalars(select(Segment.name)))  # type: ignore[call-overload] # SQLModel types the class's fields as values
    if missing := sorted(asked - known - {name}):
        raise InvalidError(f"there is no segment {missing[0]!r}", field="segment")
    asks = {segment.name: segments_in(one) for segment, one in await dynamic_segments(session)}
    in_order(asks | {name: asked})
