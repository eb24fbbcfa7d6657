"""A worker that is really killed (-9) on the send path: one mail at most, and `unknown` where nobody can know."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from core.settings import Settings
from tests.builders import THANKS, an_order
from tests.product import running_api
from tests.servers import SmtpServer

_ROOT = Path(__file__).parents[2]
_NAMES = ("database_url", "temporal_address", "temporal_namespace", "smtp_host", "smtp_port", "smtp_timeout_seconds")


@asynccontextmanager
async def worker_process(settings: Settings, point: str) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {f"ORDERCUE_{name.upper()}": str(getattr(settings, name)) for name in _NAMES}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.crash.worker_process", point, cwd=_ROOT, env=os.environ | environment
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize(("point", "mails"), [("before_call", 0), ("after_call", 1)])
async def test_a_worker_killed_at_the_provider_sends_one_mail_at_most(
    point: str, mails: int, live_settings: Settings, temporal_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> None:
    async with running_api(live_settings, temporal_env.client) as product:
        await product.publish(THANKS)
        order = an_order()
        await product.post(order)
        async with worker_process(live_settings, point) as dying, asyncio.timeout(30):
            await dying.wait()
        assert (await product.entries(order, "message"))[0]["state"] == "sending"
        async with worker_process(live_settings, "none"):
            await product.wait_for(order, "run", lambda runs: runs[0]["state"] == "done", seconds=60)
        messages = await product.entries(order, "message")
        assert [one["state"] for one in messages] == ["unknown"]
        assert messages[0]["reason"]["code"] == "attempt_died"
        assert len(smtp_server.messages) == mails
