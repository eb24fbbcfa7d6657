"""Temporal or PostgreSQL away: what was answered with 200 is delivered later, without help."""

import asyncio
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from cli.embedded import EmbeddedPostgres
from cli.ports import free_port
from cli.schedule import ensure_sweep_schedule
from core.settings import Settings
from store.schema import upgrade
from tests.builders import THANKS, an_order
from tests.product import running_api, running_product
from tests.servers import SmtpServer
from worker.main import running_workers


async def test_an_order_accepted_while_temporal_is_away_is_delivered_after_it_came_back(
    live_settings: Settings, temporal_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> None:
    away = live_settings.model_copy(update={"temporal_address": f"127.0.0.1:{free_port(0)}"})
    order = an_order()
    async with running_api(away, temporal_env.client) as product:
        await product.publish(THANKS)
        await product.post(order)
        assert await product.entries(order, "decision") == []
    back = live_settings.model_copy(update={"sweep_seconds": 1, "sweep_after_seconds": 0})
    async with running_api(back, temporal_env.client) as product, running_workers(temporal_env.client, back):
        await ensure_sweep_schedule(temporal_env.client, back)
        await product.wait_for_run(order, "done")
        await temporal_env.client.get_schedule_handle("sweep").delete()
    assert len(smtp_server.messages) == 1


async def test_postgresql_restarted_loses_and_doubles_nothing(
    session_folder: Path, live_settings: Settings, temporal_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> None:
    folder = session_folder / f"restarted-{id(live_settings)}"
    first = EmbeddedPostgres(folder, forgetful=False)
    async with first as server:
        url = await server.database("ordercue")
        await upgrade(url)
        settings = live_settings.model_copy(update={"database_url": url})
        ready = asyncio.Event()
        down = asyncio.Event()
        again = asyncio.create_task(_use(settings, temporal_env, smtp_server, ready, down))
        await ready.wait()
    down.set()
    async with EmbeddedPostgres(folder, forgetful=False):
        async with asyncio.timeout(60):
            await again


async def _use(
    settings: Settings,
    environment: WorkflowEnvironment,
    smtp_server: SmtpServer,
    ready: asyncio.Event,
    down: asyncio.Event,
) -> None:
    async with running_product(settings, environment.client) as product:
        await product.publish(THANKS)
        before = an_order()
        await product.post(before)
        ready.set()
        await down.wait()
        after = an_order()
        while True:  # bounded by the test's timeout
            response = await product.http.post("/api/v1/orders", json={"orders": [after]})
            if response.status_code == 200:
                break
            assert response.status_code == 503
            assert response.json()["code"] == "unavailable"
            await asyncio.sleep(0.1)
        for order in (before, after):
            await product.wait_for(order, "run", lambda runs: [run["state"] for run in runs] == ["done"], seconds=90)
        assert sorted(mail["To"] for mail in smtp_server.messages) == sorted([before["email"], after["email"]])
