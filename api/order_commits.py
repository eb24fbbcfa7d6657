"""Requests with orders that arrive while a commit is in flight share the next one."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Self
from uuid import UUID

from api.group_commit import GroupCommit
from api.problems import Problem
from api.recording import in_one_transaction
from store.intake import Recording, record_all, record_at_once
from store.session import Database

_MOST_ORDERS = 1000
"""Orders of one transaction, unless a single request has more."""
_COMMITS_AT_ONCE = 2
"""While PostgreSQL writes one this process makes the next; more would only make them smaller."""
_RETRY_AFTER_SECONDS = 1


class OrderCommits:
    """Orders are recorded in groups; each request keeps its own batch and its own answer."""

    def __init__(self, database: Database, *, most_waiting: int) -> None:
        """`most_waiting` orders may wait; more would be answered too late to be of use."""
        self._database = database
        self._most_waiting = most_waiting
        self._group: GroupCommit[Recording, UUID] = GroupCommit(
            self._record,
            size_of=lambda recording: len(recording.changes),
            most_together=_MOST_ORDERS,
            most_at_once=_COMMITS_AT_ONCE,
            keys_of=lambda recording: [change.external_order_id for change in recording.changes],
        )

    @property
    def waiting(self) -> int:
        """Requests that wait for the next transaction."""
        return self._group.waiting

    async def record(self, recording: Recording) -> UUID:
        """The batch, once it is durable. Raises UnavailableError, and Problem 503 when too much waits already."""
        if self._group.waiting and self._group.size + len(recording.changes) > self._most_waiting:
            raise Problem(
                503,
                "overloaded",
                f"{self._group.size} orders wait to be stored; nothing of this request was accepted.",
                remedy="Send the same request again as Retry-After says.",
                headers={"Retry-After": str(_RETRY_AFTER_SECONDS)},
            )
        return await self._group.record(recording)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Commit until the end of the block."""
        async with self._group.running():
            yield self

    async def _record(self, recordings: Sequence[Recording]) -> list[UUID]:
        async with self._database.statements() as connection:
            recorded = await record_at_once(connection, recordings, now=datetime.now(UTC))
        if recorded is None:
            recorded = await in_one_transaction(
                self._database, lambda session: record_all(session, recordings, now=datetime.now(UTC))
            )
        return [one.batch_id for one in recorded]
