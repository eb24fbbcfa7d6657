"""What operators ask of runs: the one way on which HTTP, the command line and the console do it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from temporalio.client import Client

from core.contracts import Stop, StopKind
from core.errors import ConflictError, UnavailableError
from core.operating import move_wait
from core.process import signal_stops
from store.audit import record_audit
from store.run_bulk import count_runs, stop_some, waiting_ids
from store.run_list import RunFilter, find_run
from store.runs import record_stops
from store.session import Database
from store.tables.run import OPEN_STATES, RunState

_PAGE = 500
MOST_AT_ONCE = 10_000
"""Runs of one bulk stop: what a person waits for."""
MOST_MOVED = 1000
"""Runs whose waits are moved together: each of them is asked through Temporal."""
_TOGETHER = 25


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

    async def count(
        self, wanted: RunFilter, among: Sequence[RunState] = OPEN_STATES, *, most: int = MOST_AT_ONCE
    ) -> int:
        """How many runs `stop_all` would stop now; with WAITING alone, how many `move_all` would move.

        One more than `most` stands for more than that.
        """
        async with self.database.transaction() as session:
            return await count_runs(session, wanted, among, most=most + 1)

    async def stop_all(self, wanted: RunFilter, reason: str, *, most: int) -> int:
        """End the open runs of a filter, in pages; gives back how many. Raises ConflictError when there are more.

        `most` is what the caller was told before: whoever agreed to stop ten does not stop a thousand.
        """
        _agreed(await self.count(wanted), min(most, MOST_AT_ONCE))
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

    async def move_all(self, wanted: RunFilter, to: datetime | None, *, most: int) -> int:
        """Give the waits of a filter's runs another end, or end them at once; gives back of how many.

        Each run is asked once: what waits again after it is left alone, as is what ended meanwhile. Raises
        ConflictError when there are more than the caller agreed to, UnavailableError with how many were moved.
        """
        async with self.database.transaction() as session:
            ids = await waiting_ids(session, wanted, limit=min(most, MOST_MOVED) + 1)
        _agreed(len(ids), min(most, MOST_MOVED))
        moved = 0
        for start in range(0, len(ids), _TOGETHER):
            asked = (self._moved(run_id, to) for run_id in ids[start : start + _TOGETHER])
            answers = await asyncio.gather(*asked)
            done = sum(answer is True for answer in answers)
            moved += done
            if done:
                await self._tell_moved(wanted, to, done)
            if None in answers:
                raise UnavailableError(f"{moved} runs were moved, then Temporal or the workers did not answer")
        return moved

    async def _moved(self, run_id: UUID, to: datetime | None) -> bool | None:
        """False: it waits no more. None: nobody answers."""
        try:
            await move_wait(self.client, run_id, to)
        except ConflictError:
            return False
        except UnavailableError:
            return None
        return True

    async def _tell_moved(self, wanted: RunFilter, to: datetime | None, runs: int) -> None:
        details = {"runs": runs} | ({"due_at": to.isoformat()} if to else {})
        action, subject = "run.move_all" if to else "run.skip_wait_all", f"automation:{wanted.automation or 'any'}"
        async with self.database.transaction() as session:
            await record_audit(session, actor=self.actor, action=action, subject=subject, details=details)


def _agreed(now: int, most: int) -> None:
    if now > most:
        raise ConflictError(f"these are {now} runs by now, not {most}; look again")
