"""What operators ask of runs: the one way on which HTTP, the command line and the console do it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from temporalio.client import Client

from core.contracts import Stop, StopKind
from core.errors import ConflictError
from core.operating import move_wait
from core.process import signal_stops
from store.audit import record_audit
from store.run_bulk import count_open, stop_some
from store.run_list import RunFilter, find_run
from store.runs import record_stops
from store.session import Database
from store.tables.run import OPEN_STATES

_PAGE = 500
MOST_AT_ONCE = 10_000
"""Runs of one bulk stop: what a person waits for."""


@dataclass(frozen=True, slots=True)
class RunWork:
    """Work in the name of somebody: `actor` is as in the audit log."""

    database: Database
    client: Client
    actor: str

    async def stop(self, run_id: UUID, reason: str) -> None:
        """End a run: stored first, so that from then on it sends nothing. Raises NotFoundError, ConflictError."""
        why = Stop(kind=StopKind.OPERATOR, reason=reason)
        async with self.database.transaction() as session:
            run = await find_run(session, run_id)
            if run["state"] not in OPEN_STATES:
                raise ConflictError(f"run {run_id} is {run['state']} already")
            await record_stops(session, [(run_id, why.model_dump(mode="json"), None)])
            details = {"reason": reason}
            subject = f"run:{run_id}"
            await record_audit(session, actor=self.actor, action="run.stop", subject=subject, details=details)
        await signal_stops(self.client, [(run_id, why)])

    async def move(self, run_id: UUID, to: datetime | None) -> datetime:
        """Give a wait another end, or end it at once; gives back when the run goes on.

        Raises NotFoundError, ConflictError when it does not wait, UnavailableError.
        """
        async with self.database.transaction() as session:
            await find_run(session, run_id)
        due_at = await move_wait(self.client, run_id, to)
        async with self.database.transaction() as session:
            action, details = "run.move" if to else "run.skip_wait", {"due_at": due_at.isoformat()}
            await record_audit(session, actor=self.actor, action=action, subject=f"run:{run_id}", details=details)
        return due_at

    async def count(self, wanted: RunFilter) -> int:
        """How many open runs `stop_all` would stop now."""
        async with self.database.transaction() as session:
            return await count_open(session, wanted, most=MOST_AT_ONCE + 1)

    async def stop_all(self, wanted: RunFilter, reason: str, *, most: int) -> int:
        """End the open runs of a filter, in pages; gives back how many. Raises ConflictError when there are more.

        `most` is what the caller was told before: whoever agreed to stop ten does not stop a thousand.
        """
        now = await self.count(wanted)
        if now > min(most, MOST_AT_ONCE):
            raise ConflictError(f"these are {now} runs by now, not {most}; look again")
        why = Stop(kind=StopKind.OPERATOR, reason=reason)
        stopped, before = 0, None
        while stopped < most:
            limit = min(_PAGE, most - stopped)
            async with self.database.transaction() as session:
                page = await stop_some(session, wanted, why, before=before, limit=limit)
                if page.ids:
                    details = {"reason": reason, "runs": len(page.ids)}
                    subject = f"automation:{wanted.automation or 'any'}"
                    action = "run.stop_all"
                    await record_audit(session, actor=self.actor, action=action, subject=subject, details=details)
            await signal_stops(self.client, page.signals)
            stopped += len(page.ids)
            if len(page.ids) < limit:
                break
            before = page.ids[-1]
        return stopped
