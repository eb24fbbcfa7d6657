"""What a definition would find, before it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ClauseElement, Executable, Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from core.errors import InvalidError
from core.segments.definition import Condition, InSegment
from core.segments.references import asks_for_groups, each_condition, segments_in
from store.account import Account
from store.dynamic_segments import dynamic_segments
from store.score_sql import ensure_score_edges
from store.segment_sql import members_statement
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
    if asks_for_groups(condition):
        await ensure_score_edges(session, account)
    statement = members_statement(condition, account)
    found = statement.subquery()
    count = await session.scalar(select(func.count()).select_from(found))
    sample = list(await session.scalars(select(found.c.id).order_by(found.c.id).limit(_SAMPLE)))
    plan: list[Any] = (await session.execute(_Explain(statement))).scalar_one()  # Any: JSON of EXPLAIN
    total = float(plan[0]["Plan"]["Total Cost"])
    return Preview(count or 0, sample, "cheap" if total < _CHEAP else "fair" if total < _DEAR else "dear")


async def check_references(session: AsyncSession, name: str, condition: Condition) -> None:
    """Every segment that it asks for exists and none asks back. Raises InvalidError with the place in the tree."""
    known = set(await session.scalars(select(Segment.name)))  # type: ignore[call-overload] # SQLModel types the class's fields as values
    asks = {one.name: segments_in(one.condition) for one in await dynamic_segments(session)}
    for place, node in each_condition(condition):
        if not isinstance(node, InSegment):
            continue
        field = f"{place}.segment".lstrip(".")
        if node.segment not in known | {name}:
            raise InvalidError(f"{field}: there is no segment {node.segment!r}", field=field)
        if name in _reached(asks, node.segment):
            raise InvalidError(f"{field}: {node.segment!r} asks for {name!r} itself, in a circle", field=field)


def _reached(asks: Mapping[str, frozenset[str]], name: str) -> set[str]:
    """The segment and all that it asks for, however far away."""
    found, waiting = {name}, [name]
    while waiting:
        new = asks.get(waiting.pop(), frozenset()) - found
        found |= new
        waiting += new
    return found
