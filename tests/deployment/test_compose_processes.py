import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from cli.embedded import EmbeddedPostgres, EmbeddedTemporal
from cli.ports import free_port
from core.contracts import SWEEP_SCHEDULE_ID
from tests.builders import TEMPLATES, THANKS, an_order
from tests.deployment.compose import services
from tests.deployment.deployed import SECONDS, Deployment, deployment, healthcheck, parse_key
from tests.servers import SmtpServer


@pytest.fixture
async def deployed(
    tmp_path: Path, postgres_server: EmbeddedPostgres, temporal_server: EmbeddedTemporal, smtp_server: SmtpServer
) -> AsyncIterator[Deployment]:
    async with deployment(tmp_path, postgres_server, temporal_server, smtp_server) as deployed:
        yield deployed


async def test_migrate_may_run_again(deployed: Deployment) -> None:
    await deployed.migrate()
    await deployed.migrate()
    assert (await deployed.client.get_schedule_handle(SWEEP_SCHEDULE_ID).describe()).id == SWEEP_SCHEDULE_ID


async def test_two_apis_and_two_workers_mail_each_order_once(deployed: Deployment, tmp_path: Path) -> None:
    await deployed.migrate()
    (tmp_path / "thanks.html").write_text(TEMPLATES["thanks"])
    (tmp_path / "thanks.yaml").write_text(THANKS)
    await deployed.cli("templates", "apply", tmp_path / "thanks.html")
    await deployed.cli("automations", "apply", tmp_path / "thanks.yaml")
    key = parse_key(await deployed.cli("keys", "create", "--json"))
    for _ in range(2):
        await deployed.start_api()
        await deployed.start_worker()

    one, other = (
        httpx.AsyncClient(
            base_url=server.url, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=SECONDS
        )
        for server in deployed.apis
    )
    orders = [an_order() for _ in range(9)]
    async with one, other:
        # a third by the one, a third by the other, a third by both at once
        posts = [
            (http, order)
            for number, order in enumerate(orders)
            for http in ((one,), (other,), (one, other))[number % 3]
        ]
        answers = await asyncio.gather(
            *(http.post("/api/v1/orders", json={"orders": [order]}) for http, order in posts)
        )
        assert [answer.json()["accepted"] for answer in answers] == [1] * len(posts)
        await _all_done(deployed, len(posts))

    assert sorted(mail["To"] for mail in deployed.smtp.messages) == sorted(order["email"] for order in orders)
    for process in (*deployed.workers, *(server.child for server in deployed.apis)):
        await process.stop()
    assert [worker.exit_code for worker in deployed.workers] == [0, 0]


async def test_the_health_of_the_api_is_what_its_healthcheck_says(deployed: Deployment) -> None:
    command = services({"POSTGRES_PASSWORD": "0123abcd"})["api"].healthcheck or []
    nobody = deployed.environment("api") | {"ORDERCUE_API_PORT": str(free_port())}
    assert await healthcheck(command, nobody) != 0
    await deployed.migrate()
    server = await deployed.start_api()
    assert await healthcheck(command, server.environment) == 0


async def _all_done(deployed: Deployment, batches: int) -> None:
    """Wait until every batch had all its consequences and every run has ended."""
    database = await asyncpg.connect(deployed.database_url.replace("+asyncpg", ""))
    counts: tuple[int, int] = (0, 0)
    try:
        async with asyncio.timeout(SECONDS):
            while counts != (batches, 0):
                done = await database.fetchval("SELECT count(*) FROM event_batch WHERE state = 'done'")
                open_ = await database.fetchval("SELECT count(*) FROM run WHERE state <> 'done'")
                counts = (done, open_)
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"of {batches} batches {counts[0]} are done, {counts[1]} runs are open") from None
    finally:
        await database.close()
