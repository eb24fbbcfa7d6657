"""Starts ProcessEvents for what was committed, off the request's path."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Self
from uuid import UUID

from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from core.contracts import PROCESS_WORKFLOW, QUEUE, Batches, process_events_id

logger = logging.getLogger(__name__)

_MOST_BATCHES = 200
"""Batches of one ProcessEvents; more would make its transactions long."""
_PACE_SECONDS = 0.1
"""So long after the one before it a start comes at the earliest, unless it is full: a start costs Temporal and this
process as much as dozens of orders cost PostgreSQL. In a quiet time each goes at once."""

_PATIENCE = timedelta(seconds=5)
_DRAIN_SECONDS = 5.0


class Starter:
    """Committed batches wait here for the start in flight and go into the next one together.

    A start that fails is dropped: the batch is `pending` in PostgreSQL, and the sweeper takes it up.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._waiting: deque[UUID] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._away = False

    @property
    def state(self) -> str:
        """`ok`, or `away` since the last start failed."""
        return "away" if self._away else "ok"

    def start(self, batch_id: UUID) -> None:
        """Take up a batch that was committed. Returns at once."""
        self._waiting.append(batch_id)
        self._idle.clear()
        self._wake.set()

    async def drain(self) -> None:
        """Wait, not for long, until everything handed over is started."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                await self._idle.wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Start batches until the end of the block."""
        task = asyncio.create_task(self._run())
        try:
            yield self
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        loop, not_before = asyncio.get_running_loop(), 0.0
        while True:
            await self._wake.wait()
            while self._waiting:
                if len(self._waiting) < _MOST_BATCHES:
                    await asyncio.sleep(max(0.0, not_before - loop.time()))
                not_before = loop.time() + _PACE_SECONDS
                count = min(len(self._waiting), _MOST_BATCHES)
                await self._start_some(tuple(self._waiting.popleft() for _ in range(count)))
            self._wake.clear()
            self._idle.set()

    async def _start_some(self, batch_ids: tuple[UUID, ...]) -> None:
        try:
            await self._client.start_workflow(
                PROCESS_WORKFLOW,
                Batches(batch_ids=batch_ids),
                id=process_events_id(batch_ids[0]),
                task_queue=QUEUE,
                rpc_timeout=_PATIENCE,
            )
        except WorkflowAlreadyStartedError:
            pass
        except (RPCError, RuntimeError) as error:
            if not self._away:  # said once, not for every request of an outage
                logger.warning("Temporal does not answer (%s); the sweeper will start what is accepted now", error)
            self._away = True
        else:
            if self._away:
                logger.warning("Temporal answers again")
            self._away = False
