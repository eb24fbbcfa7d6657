"""Templates and their versions."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json
from store.tables import TemplateRow

_LATEST = text("""
    SELECT v.id, v.number, v.content FROM template t JOIN template_version v ON v.template_id = t.id
    WHERE t.name = :name ORDER BY v.number DESC LIMIT 1
""")
_ALL = text("""
    SELECT DISTINCT ON (t.name) t.name, v.id, v.number, v.content
    FROM template t JOIN template_version v ON v.template_id = t.id ORDER BY t.name, v.number DESC
""")
_LOCK = text("SELECT id FROM template WHERE name = :name FOR UPDATE")
_INSERT = text("""
    INSERT INTO template_version (template_id, number, content) VALUES (:template_id, :number, CAST(:content AS jsonb))
""")


@dataclass(frozen=True, slots=True)
class StoredTemplate:
    """The newest version of a template."""

    name: str
    version_id: UUID
    number: int
    content: dict[str, Any]


async def latest_template(session: AsyncSession, name: str) -> StoredTemplate | None:
    """What is sent today under this name."""
    row = (await session.execute(_LATEST, {"name": name})).one_or_none()
    return StoredTemplate(name, row.id, row.number, row.content) if row else None


async def list_templates(session: AsyncSession) -> list[StoredTemplate]:
    """Every template in its newest version, by name."""
    return [StoredTemplate(row.name, row.id, row.number, row.content) for row in await session.execute(_ALL)]


async def apply_template(session: AsyncSession, name: str, content: dict[str, Any]) -> tuple[int, bool]:
    """Make this the newest version. Returns its number and whether anything changed."""
    await session.execute(insert(TemplateRow).values(name=name).on_conflict_do_nothing(index_elements=["name"]))
    template_id = await session.scalar(_LOCK, {"name": name})
    latest = await latest_template(session, name)
    if latest and latest.content == content:
        return latest.number, False
    number = latest.number + 1 if latest else 1
    await session.execute(
        _INSERT, {"template_id": template_id, "number": number, "content": dump_json(content).decode()}
    )
    return number, True
