"""Automations and their versions."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.document import dump_json, load_json
from core.errors import ConflictError, NotFoundError
from store.revising import Running, drain_versions, move_held_launches
from store.tables import Automation, AutomationVersion
from store.tables.automation import AutomationState

_CREATE = text("""
    INSERT INTO automation (name, state, draft) VALUES (:name, 'draft', CAST(:draft AS jsonb))
    ON CONFLICT (name) DO NOTHING RETURNING id
""")
_LIVE = text("""
    SELECT a.id, a.name, v.id, v.number, a.state = 'paused' FROM automation a
    JOIN automation_version v ON v.automation_id = a.id AND v.number = a.live_number
    WHERE a.state <> 'archived' ORDER BY a.name
""")
_DEFINITIONS = text("SELECT id, definition FROM automation_version WHERE id = ANY(:ids)")


@dataclass(frozen=True, slots=True)
class Live:
    """An automation that decides: its version and whether its launches are held."""

    id: UUID
    name: str
    version_id: UUID
    number: int
    paused: bool


@dataclass(frozen=True, slots=True)
class Applied:
    """What publishing did. `before` is the definition that was live, None when there was none."""

    automation: Automation
    number: int
    changed: bool
    version_id: UUID
    before: dict[str, Any] | None = None


async def live_automations(session: AsyncSession) -> list[Live]:
    """Live and paused automations with their live version; a paused one decides too, its launches are held."""
    return [Live(*row) for row in await session.execute(_LIVE)]


async def load_definitions(session: AsyncSession, version_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Definitions as they are stored, by version."""
    if not version_ids:
        return {}
    found = await session.execute(_DEFINITIONS, {"ids": list(version_ids)})
    return {row.id: row.definition for row in found}


async def publish(
    session: AsyncSession, name: str, definition: dict[str, Any], *, running: Running = Running.PINNED
) -> Applied:
    """Make this definition the live version. Publishing what is live already changes nothing.

    With `running` MIGRATE the caller starts MigrateRuns after the commit.
    """
    before: dict[str, Any] | None = None
    automation = await session.scalar(select(Automation).where(col(Automation.name) == name).with_for_update())
    if automation is None:  # of two first ones at the same moment one waits here, and makes the next version
        await session.execute(_CREATE, {"name": name, "draft": None})
        automation = (
            await session.scalars(select(Automation).where(col(Automation.name) == name).with_for_update())
        ).one()
    if automation.state == AutomationState.ARCHIVED:
        raise ConflictError(f"automation {name!r} is archived; publish it under another name")
    if automation.live_number is not None:
        live = await version(session, automation.id, automation.live_number)
        if live.definition == load_json(dump_json(definition)):  # numbers as the database reads them
            automation.draft = None
            return Applied(automation, live.number, changed=False, version_id=live.id, before=definition)
        before = live.definition
    latest = await session.scalar(
        select(func.max(AutomationVersion.number)).where(col(AutomationVersion.automation_id) == automation.id)
    )
    number = (latest or 0) + 1
    made = AutomationVersion(automation_id=automation.id, number=number, definition=definition)
    session.add(made)
    automation.live_number, automation.draft, automation.updated_at = number, None, datetime.now(UTC)
    if automation.state == AutomationState.DRAFT:
        automation.state = AutomationState.LIVE
    await session.flush()
    if running == Running.DRAIN:
        await drain_versions(session, automation.id, number)
    elif running == Running.MIGRATE and automation.state == AutomationState.PAUSED:
        await move_held_launches(session, automation.id, made.id)
    return Applied(automation, number, changed=True, version_id=made.id, before=before)


async def create_draft(session: AsyncSession, name: str, definition: dict[str, Any]) -> Automation:
    """A new automation that does nothing yet. Raises ConflictError when the name is taken."""
    made = await session.scalar(_CREATE, {"name": name, "draft": dump_json(definition).decode()})
    if made is None:
        raise ConflictError(f"automation {name!r} exists; change its draft")
    return await find(session, str(made))


async def save_draft(session: AsyncSession, automation: Automation, definition: dict[str, Any]) -> None:
    """Keep what the next version may become. Raises ConflictError for an archived automation."""
    if automation.state == AutomationState.ARCHIVED:
        raise ConflictError(f"automation {automation.name!r} is archived and stays so")
    automation.draft, automation.updated_at = definition, datetime.now(UTC)
    await session.flush()


async def list_page(
    session: AsyncSession, *, state: AutomationState | None, after: str | None, limit: int
) -> list[Automation]:
    """Automations by name, after this one."""
    query = select(Automation).order_by(col(Automation.name)).limit(limit)
    if state is not None:
        query = query.where(col(Automation.state) == state)
    if after is not None:
        query = query.where(col(Automation.name) > after)
    return list(await session.scalars(query))


async def list_versions(
    session: AsyncSession, automation_id: UUID, *, before: int | None, limit: int
) -> list[AutomationVersion]:
    """Versions of an automation, the newest first, older than number `before`."""
    query = select(AutomationVersion).where(col(AutomationVersion.automation_id) == automation_id)
    if before is not None:
        query = query.where(col(AutomationVersion.number) < before)
    return list(await session.scalars(query.order_by(col(AutomationVersion.number).desc()).limit(limit)))


async def find_locked(session: AsyncSession, name_or_id: str) -> Automation:
    """As `find`, and nobody else changes it until this transaction ends."""
    found = await find(session, name_or_id)
    await session.refresh(found, with_for_update=True)
    return found


async def find(session: AsyncSession, name_or_id: str) -> Automation:
    """An automation by its name or id. Raises NotFoundError."""
    try:
        wanted = col(Automation.id) == UUID(name_or_id)
    except ValueError:
        wanted = col(Automation.name) == name_or_id
    found = await session.scalar(select(Automation).where(wanted))
    if found is None:
        raise NotFoundError("automation", name_or_id)
    return found


async def list_all(session: AsyncSession) -> list[Automation]:
    """Every automation, by name."""
    return list(await session.scalars(select(Automation).order_by(col(Automation.name))))


async def version(session: AsyncSession, automation_id: UUID, number: int) -> AutomationVersion:
    """One version. Raises NotFoundError."""
    found = await session.scalar(
        select(AutomationVersion).where(
            col(AutomationVersion.automation_id) == automation_id,
            col(AutomationVersion.number) == number,
        )
    )
    if found is None:
        raise NotFoundError("version", str(number))
    return found


async def set_state(session: AsyncSession, automation: Automation, state: AutomationState) -> bool:
    """Pause, resume or archive. Returns whether anything changed. Raises ConflictError for an archived one."""
    if automation.state == state:
        return False
    if automation.state == AutomationState.ARCHIVED:
        raise ConflictError(f"automation {automation.name!r} is archived and stays so")
    if automation.state == AutomationState.DRAFT and state != AutomationState.ARCHIVED:
        raise ConflictError(f"automation {automation.name!r} is a draft; publish it first")
    automation.state, automation.updated_at = state, datetime.now(UTC)
    session.add(automation)
    return True


async def free_name(session: AsyncSession, name: str) -> str:
    """The name, or the first of `name 2`, `name 3`… that no automation has."""
    begins = col(Automation.name).startswith(name[:190], autoescape=True)
    taken = set(await session.scalars(select(col(Automation.name)).where(begins)))
    return next(one for one in (name, *(f"{name[:190]} {n}" for n in range(2, len(taken) + 3))) if one not in taken)
