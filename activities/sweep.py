"""What was committed and Temporal does not know: it was away, or the process died in between."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.heartbeats import heartbeats
from activities.library import Library
from activities.recalculate import follow_touched
from activities.regular_schedules import RegularSchedules
from core.contracts import PROCESS_WORKFLOW, QUEUE, Batches, Swept, process_events_id
from core.settings import Settings
from store.events import lost_batches
from store.session import Database

_MOST = 1000
"""Batches one sweep takes up; the next sweep takes the rest."""


@dataclass(frozen=True)
class SweepActivities:
    """The safety net under intake and publishing."""

    database: Database
    client: Client
    settings: Settings
    library: Library = field(default_factory=Library)

    @activity.defn
    async def sweep(self) -> Swept:
        """Start ProcessEvents for batches that nobody took up, follow touched contacts, keep regular schedules.

        A start that was made after all is harmless.
        """
        before = datetime.now(UTC) - timedelta(seconds=self.settings.sweep_after_seconds)
        async with self.database.transaction() as session:
            lost = await lost_batches(session, before=before, limit=_MOST)
        for batch_id in lost:
            with suppress(WorkflowAlreadyStartedError):  # it runs, and waits for something
                await self.client.start_workflow(
                    PROCESS_WORKFLOW,
                    Batches(batch_ids=(batch_id,)),
                    id=process_events_id(batch_id),
                    task_queue=QUEUE,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                )
            activity.heartbeat()
        async with heartbeats():  # of orders that were deleted or given to another contact, after which no batch comes
            await follow_touched(self.database, self.client, self.settings)
        schedules = await RegularSchedules(self.database, self.library, self.client, self.settings).keep()
        return Swept(batches=len(lost), schedules=schedules)
