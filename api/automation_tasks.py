"""Workflows that carry an edit to the runs that are under way. Best effort: doing the edit again starts them again."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError

from core.contracts import (
    ARCHIVE_WORKFLOW,
    MIGRATE_WORKFLOW,
    QUEUE,
    RESUME_WORKFLOW,
    AutomationRef,
    Contract,
    VersionRef,
    end_runs_id,
    migrate_runs_id,
    resume_automation_id,
)
from store.automations import Applied
from store.revising import Running
from store.tables import Automation

_PATIENCE = timedelta(seconds=5)


async def tell_runs_of_version(client: Client, done: Applied, running: Running) -> bool:
    """After publishing with MIGRATE: runs of older versions hear of it. False when Temporal is away."""
    if running != Running.MIGRATE or not done.changed:
        return True
    version = VersionRef(automation_id=done.automation.id, version_id=done.version_id)
    return await _start(client, MIGRATE_WORKFLOW, version, migrate_runs_id(done.version_id))


async def release_runs(client: Client, automation: Automation) -> bool:
    """After a resume: what was held goes on, paced. False when Temporal is away."""
    reference = AutomationRef(automation_id=automation.id)
    return await _start(client, RESUME_WORKFLOW, reference, resume_automation_id(automation.id))


async def end_runs(client: Client, automation: Automation) -> bool:
    """After archiving: sleeping runs end at once. False when Temporal is away; then they end before their next send."""
    return await _start(
        client, ARCHIVE_WORKFLOW, AutomationRef(automation_id=automation.id), end_runs_id(automation.id)
    )


async def _start(client: Client, workflow: str, about: Contract, workflow_id: str) -> bool:
    try:
        await client.start_workflow(
            workflow,
            about,
            id=workflow_id,
            task_queue=QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            rpc_timeout=_PATIENCE,
        )
    except (RPCError, RuntimeError):  # the SDK raises a bare RuntimeError when it cannot connect
        return False
    return True
