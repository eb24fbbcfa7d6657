"""Who enters a dynamic segment and who leaves it, as one statement that changes the memberships and tells them."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Dialect, Select, Uuid, and_, bindparam, delete, false, literal, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.segments.definition import Condition
from store.account import Account
from store.account_sql import Span, Whom, is_among, values_of
from store.driver_sql import DriverSql
from store.segment_sql import members_statement
from store.tables import METADATA

_MEMBER, _CONTACT = METADATA.tables["segment_member"], METADATA.tables["contact"]
_BY_DEFINITION = "definition"
_NEVER = datetime.min.replace(tzinfo=UTC)
_ANY_SPAN = Span(UUID(int=0), UUID(int=0))
_KEPT = 1000
"""Statements that a process keeps."""


async def change_members(
    session: AsyncSession, segment_id: UUID, condition: Condition, account: Account, whom: Whom
) -> tuple[list[UUID], list[UUID]]:
    """Who, of these contacts, entered the segment and who left it, by their ids. Run again it changes nothing."""
    connection = await session.connection()
    anybody = _ANY_SPAN if isinstance(whom, Span) else ()
    ready = _ready(condition, replace(account, now=_NEVER), anybody, connection.dialect)
    values = ready.constants | values_of(account, whom) | {"segment": segment_id}
    found = await ready.statement.run(session, values)
    changes: list[tuple[UUID, bool]] = sorted(tuple(row) for row in found)
    return [one for one, entered in changes if entered], [one for one, entered in changes if not entered]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A statement and those of its values that never change. Making it takes longer than running it for one contact."""

    statement: DriverSql
    constants: dict[str, object]


@lru_cache(maxsize=_KEPT)
def _ready(condition: Condition, account: Account, whom: Whom, dialect: Dialect) -> _Ready:
    statement = _changes(condition, replace(account, now=datetime.now(UTC)), whom).compile(dialect=dialect)
    made = statement.construct_expanded_state()
    processors = {
        name: bound.type.dialect_impl(dialect).bind_processor(dialect) for name, bound in statement.binds.items()
    }
    constants = {
        name: process(value) if (process := processors.get(name)) else value for name, value in made.parameters.items()
    }
    return _Ready(DriverSql(made.statement, tuple(made.positiontup or ())), constants)


def _changes(condition: Condition, account: Account, whom: Whom) -> Select[UUID, bool]:
    segment = bindparam("segment", UUID(int=0), Uuid)
    holds = members_statement(condition, account, whom=whom).cte("holds")
    # NOT IN looks each up in a hash, however many PostgreSQL takes them for; NOT EXISTS compared all pairs
    members = and_(_MEMBER.c.segment_id == segment, is_among(_MEMBER.c.contact_id, whom))
    known = select(_MEMBER.c.contact_id).where(members)
    new = select(segment, holds.c.id, literal(_BY_DEFINITION)).where(holds.c.id.not_in(known))
    entered = (
        insert(_MEMBER)
        .from_select(["segment_id", "contact_id", "source"], new)
        .on_conflict_do_nothing()
        .returning(_MEMBER.c.contact_id)
        .cte("entered")
    )
    gone = (
        delete(_MEMBER)
        .where(members, _MEMBER.c.contact_id.not_in(select(holds.c.id)))
        .returning(_MEMBER.c.contact_id)
        .cte("gone")
    )
    # Of a merged contact nobody is told. Looked up one by one: as a join it would read all contacts for a few.
    survivor = select(_CONTACT.c.merged_into).where(_CONTACT.c.id == gone.c.contact_id).scalar_subquery()
    left = select(gone.c.contact_id, false()).where(survivor.is_(None))
    return select(entered.c.contact_id, true()).union_all(left)  # type: ignore[return-value] # a union is read like a select
