"""How far the import of a file has come, committed with the orders that it speaks of: so each row counts once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from core.document import dump_json
from core.errors import ConflictError
from store.tables import OrderImport
from store.tables.intake import ImportState


@dataclass(frozen=True)
class Progress:
    """What is done: bytes and lines of the unpacked file, orders, and bytes of the reject file."""

    position: int = 0
    line: int = 0
    accepted: int = 0
    rejected: int = 0
    reject_bytes: int = 0


@dataclass(frozen=True)
class Import:
    """One import as it stands."""

    id: UUID
    options: dict[str, Any]  # Any: JSON
    done: bool
    progress: Progress


class ImportMovedError(ConflictError):
    """Another process is importing the same file."""


_BEGIN = text(
    "INSERT INTO order_import (file_hash, file_name, options, state, position, line, accepted, rejected, reject_bytes) "
    "VALUES (:file_hash, :file_name, CAST(:options AS jsonb), 'running', 0, 0, 0, 0, 0) "
    "ON CONFLICT (file_hash) DO NOTHING"
)
_FIND = text("SELECT * FROM order_import WHERE file_hash = :file_hash")
_AGAIN = text("DELETE FROM order_import WHERE file_hash = :file_hash")
_ADVANCE = text(
    "UPDATE order_import SET position = :position, line = :line, accepted = :accepted, rejected = :rejected, "
    "reject_bytes = :reject_bytes, state = :state, updated_at = :now, "
    "finished_at = CASE WHEN :done THEN CAST(:now AS timestamptz) END "
    "WHERE id = :id AND position = :before AND state = 'running' RETURNING true"
)


async def begin_import(
    session: AsyncSession,
    file_hash: bytes,
    *,
    file_name: str,
    options: dict[str, Any],  # Any: JSON
    again: bool = False,
) -> Import:
    """The import of the file with this content: the one that was begun before, or a new one; `again` forgets it."""
    whose = {"file_hash": file_hash}
    if again:
        await session.execute(_AGAIN, whose)
    await session.execute(_BEGIN, whose | {"file_name": file_name, "options": dump_json(options).decode()})
    row = OrderImport(**(await session.execute(_FIND, whose)).mappings().one())
    progress = Progress(row.position, row.line, row.accepted, row.rejected, row.reject_bytes)
    return Import(row.id, row.options, row.state == ImportState.DONE, progress)


async def advance_import(
    session: AsyncSession, import_id: UUID, before: Progress, after: Progress, *, done: bool, now: datetime
) -> None:
    """Move on. Call it first in the transaction that stores the orders in between. Raises ImportMovedError."""
    state = ImportState.DONE if done else ImportState.RUNNING
    moved = await session.scalar(
        _ADVANCE, vars(after) | {"id": import_id, "before": before.position, "state": state, "done": done, "now": now}
    )
    if not moved:
        raise ImportMovedError("another process is importing the same file; let it finish")
