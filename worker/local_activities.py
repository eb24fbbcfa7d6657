"""How many local activities run at once, counted by us."""

import asyncio
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

NO_LIMIT = 100_000
"""For the SDK. Since local activities end with the cached run that they belong to (temporalio/sdk-rust#1304) it seems
to forget the slot of one whose workflow task timed out while it ran ("Tried to complete untracked local activity"):
after as many as there are slots, no local activity ran again in that worker."""


class LocalAtOnce(Interceptor):
    """Local activities wait here for their turn; there are never more of them than workflow tasks under way."""

    def __init__(self, most: int) -> None:
        self._turns = asyncio.Semaphore(most)

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 # the SDK's name
        """Wrap every activity."""
        return _InTurn(next, self._turns)


class _InTurn(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, turns: asyncio.Semaphore) -> None:  # noqa: A002 # as above
        super().__init__(next)
        self._turns = turns

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 # as above; Any: what it returns
        if not activity.info().is_local:
            return await super().execute_activity(input)
        async with self._turns:
            return await super().execute_activity(input)
