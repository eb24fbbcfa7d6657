"""Local activities wait for their turn in the worker, not for a slot of the SDK."""

import asyncio
from dataclasses import replace
from typing import Any, cast

import pytest
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from worker.local_activities import LocalAtOnce


class _Counting(ActivityInboundInterceptor):
    """An activity that counts how many of it run."""

    def __init__(self) -> None:
        self.now = self.most = self.done = 0

    async def execute_activity(self, input: ExecuteActivityInput) -> None:  # noqa: A002, ARG002 # the SDK's name
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        self.done += 1


@pytest.mark.parametrize(("local", "most"), [(True, 2), (False, 5)])
async def test_only_so_many_local_activities_run_at_once(*, local: bool, most: int) -> None:
    counting = _Counting()
    inbound = LocalAtOnce(2).intercept_activity(counting)

    async def one() -> Any:  # Any: what the interceptor returns
        return await inbound.execute_activity(cast("ExecuteActivityInput", None))

    async def five() -> None:
        await asyncio.gather(*(one() for _ in range(5)))

    environment = ActivityEnvironment()
    environment.info = replace(environment.info, is_local=local)
    await environment.run(five)
    assert (counting.most, counting.done) == (most, 5)
