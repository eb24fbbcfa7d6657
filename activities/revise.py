"""Running runs are told of a newer version, or that their automation is over."""

from dataclasses import dataclass
from uuid import UUID

from temporalio import activity
from temporalio.client import Client

from activities.dispatch import each_of, signal_run, signal_stop
from activities.library import Library
from automation.definition import definition_json
from core.contracts import MIGRATE_SIGNAL, AutomationRef, Dispatched, Migration, Stop, StopKind, VersionRef
from store import revising
from store.session import Database
from store.tables.run import RunState

_PAGE = 500
_FIRST = UUID(int=0)


@dataclass(frozen=True)
class ReviseActivities:
    """Edits reach the runs that are under way. Each activity can run twice."""

    database: Database
    library: Library
    client: Client

    @activity.defn
    async def migrate_runs(self, version: VersionRef) -> Dispatched:
        """Signal the newer version to every open run of an older one; each decides by the step where it is."""
        signalled, after = 0, _FIRST
        async with self.database.transaction() as session:
            flow = await self.library.flow(session, version.version_id)
        migration = Migration(version_id=version.version_id, definition=definition_json(flow.definition))

        async def tell(run_id: UUID) -> None:
            await signal_run(self.client, run_id, MIGRATE_SIGNAL, migration)

        while True:
            async with self.database.transaction() as session:
                page = await revising.runs_behind(
                    session, version.automation_id, version.version_id, after=after, limit=_PAGE
                )
            if not page:
                return Dispatched(signalled=signalled)
            await each_of(page, tell)
            signalled, after = signalled + len(page), page[-1]

    @activity.defn
    async def end_runs(self, automation: AutomationRef) -> Dispatched:
        """Stop every open run of an archived automation."""
        signalled, after = 0, _FIRST
        why = Stop(kind=StopKind.ARCHIVED, reason="the automation was archived").model_dump_json()

        async def tell(told: tuple[UUID, Stop]) -> None:
            await signal_stop(self.client, *told)

        while True:
            async with self.database.transaction() as session:
                page = await revising.end_some_runs(session, automation.automation_id, why, after=after, limit=_PAGE)
            if not page:
                return Dispatched(signalled=signalled)
            begun = [(row.id, Stop.model_validate(row.stop)) for row in page if row.state != RunState.STOPPED]
            await each_of(begun, tell)
            signalled, after = signalled + len(begun), page[-1].id
