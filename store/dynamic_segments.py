"""Dynamic segments as recalculations need them: read with one column of a statement, understood once in a process."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import load_json
from core.segments.definition import Condition, read_condition
from core.segments.references import in_order, segments_in

ALL_DYNAMIC = """
    (SELECT CAST(json_agg(json_build_array(id, name, updated_at, calculated_at, definition) ORDER BY name) AS text)
     FROM segment WHERE kind = 'dynamic')
"""
"""Part of a statement: the text that `understood` takes."""
_READ = text(f"SELECT {ALL_DYNAMIC}")


@dataclass(frozen=True, slots=True)
class DynamicSegment:
    """A segment whose members its condition finds."""

    id: UUID
    name: str
    updated_at: datetime
    calculated: bool
    """Whether a full pass over it has ended; before, its members are found quietly."""
    condition: Condition


async def dynamic_segments(session: AsyncSession) -> tuple[DynamicSegment, ...]:
    """Every dynamic segment after those that it asks for."""
    return understood(await session.scalar(_READ))


@lru_cache(maxsize=4)
def understood(told: str | None) -> tuple[DynamicSegment, ...]:
    """The same from what ALL_DYNAMIC told. Reading the conditions takes longer than asking for them."""
    found = {}
    for id_, name, updated_at, calculated_at, definition in load_json(told) if told else ():
        updated, condition = datetime.fromisoformat(updated_at), read_condition(definition)
        found[name] = DynamicSegment(UUID(id_), name, updated, calculated_at is not None, condition)
    return tuple(found[name] for name in in_order({one.name: segments_in(one.condition) for one in found.values()}))
