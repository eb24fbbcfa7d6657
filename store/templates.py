"""Templates and their versions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json
from core.errors import NotFoundError
from store.tables import TemplateRow

_COLUMNS = """
    SELECT t.name, v.id, v.number, v.content, v.prepared, v.created_at
    FROM template t JOIN template_version v ON v.template_id = t.id
"""
_LATEST = text(f"{_COLUMNS} WHERE t.name = :name ORDER BY v.number DESC LIMIT 1")
_VERSION = text(f"{_COLUMNS} WHERE t.name = :name AND v.number = :number")
_VERSIONS = text(f"""{_COLUMNS} WHERE t.name = :name AND v.number < COALESCE(CAST(:before AS integer), 2147483647)
    ORDER BY v.number DESC LIMIT :limit""")
_NEWEST = "WHERE v.number = (SELECT max(number) FROM template_version WHERE template_id = t.id)"
_ALL = text(f"{_COLUMNS} {_NEWEST} ORDER BY t.name")
_LOCK = text("SELECT id FROM template WHERE name = :name FOR UPDATE")
_INSERT = text("""
    INSERT INTO template_version (template_id, number, content, prepared)
    VALUES (:template_id, :number, CAST(:content AS jsonb), CAST(:prepared AS jsonb))
""")


@dataclass(frozen=True, slots=True)
class StoredTemplate:
    """A version of a template; versions never change."""

    name: str
    version_id: UUID
    number: int
    content: dict[str, Any]
    """What the author wrote."""
    prepared: dict[str, Any] | None
    """What is rendered, when it is not the same."""
    created_at: datetime

    @property
    def ready(self) -> dict[str, Any]:
        """What is rendered."""
        return self.prepared or self.content


async def latest_template(session: AsyncSession, name: str) -> StoredTemplate | None:
    """What is sent today under this name."""
    row = (await session.execute(_LATEST, {"name": name})).one_or_none()
    return _stored(row) if row else None


async def find_template(session: AsyncSession, name: str, number: int | None = None) -> StoredTemplate:
    """A version, by default the newest. Raises NotFoundError."""
    if "\0" not in name:  # PostgreSQL refuses such a text
        query = _LATEST if number is None else _VERSION
        row = (await session.execute(query, {"name": name} | ({"number": number} if number else {}))).one_or_none()
        if row:
            return _stored(row)
    raise NotFoundError("template", name if number is None else f"{name} version {number}")


async def list_template_versions(
    session: AsyncSession, name: str, *, before: int | None, limit: int
) -> list[StoredTemplate]:
    """Newest first; `before` is the last number of the page before."""
    found = await session.execute(_VERSIONS, {"name": name, "before": before, "limit": limit})
    return [_stored(row) for row in found]


async def list_templates(session: AsyncSession) -> list[StoredTemplate]:
    """Every template in its newest version, by name."""
    return [_stored(row) for row in await session.execute(_ALL)]


async def apply_template(
    session: AsyncSession, name: str, content: dict[str, Any], prepared: dict[str, Any] | None = None
) -> tuple[int, bool]:
    """Make this the newest version. Returns its number and whether anything changed."""
    await session.execute(insert(TemplateRow).values(name=name).on_conflict_do_nothing(index_elements=["name"]))
    template_id = await session.scalar(_LOCK, {"name": name})
    latest = await latest_template(session, name)
    if latest and latest.content == content and latest.prepared == prepared:
        return latest.number, False
    number = latest.number + 1 if latest else 1
    values = {
        "template_id": template_id,
        "number": number,
        "content": dump_json(content).decode(),
        "prepared": dump_json(prepared).decode() if prepared is not None else None,
    }
    await session.execute(_INSERT, values)
    return number, True


def _stored(row: Row[Any]) -> StoredTemplate:
    return StoredTemplate(row.name, row.id, row.number, row.content, row.prepared, row.created_at)
