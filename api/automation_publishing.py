"""Publishing: the one way on which HTTP, the command line and the console make a definition live."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client

from api.automation_tasks import tell_runs_of_version
from automation.definition import definition_json
from automation.model import Definition
from automation.revision import Change, changes
from core.process import sweep_soon
from store import automations
from store.audit import record_audit
from store.automations import Applied
from store.revising import Running


@dataclass(frozen=True)
class Published:
    """A definition that is live now. Without `applied.changed` it was so before."""

    applied: Applied
    changes: tuple[Change, ...]
    running: Running


async def publish(session: AsyncSession, definition: Definition, running: Running, *, actor: str) -> Published:
    """Store it as the live version, with its line in the audit log. Raises ConflictError.

    The caller has looked for problems, commits, and then calls `carry_out`.
    """
    applied = await automations.publish(session, definition.name, definition_json(definition), running=running)
    if not applied.changed:
        return Published(applied, (), running)
    details = {"version": applied.number, "running": running}
    subject = f"automation:{definition.name}"
    await record_audit(session, actor=actor, action="automation.publish", subject=subject, details=details)
    before = Definition.model_validate(applied.before) if applied.before is not None else None
    return Published(applied, changes(before, definition), running)


async def carry_out(client: Client, done: Sequence[Published]) -> bool:
    """Let schedules and running runs hear of it. False when runs that were to go on in a new version were not told.

    The sweep is best effort, for it comes by itself too.
    """
    changed = [one for one in done if one.applied.changed]
    if changed:
        await sweep_soon(client)
    return all([await tell_runs_of_version(client, one.applied, one.running) for one in changed])
