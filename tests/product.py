"""The whole product in a test: API, workers, real PostgreSQL, Temporal and SMTP."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from api.app import create_app
from api.order_commits import OrderCommits
from api.services import running_services
from automation.definition import definition_json, load_definition
from automation.template import parse_template
from core.settings import Settings
from store import automations, templates
from store.keys import Scope, create_key
from store.session import Database, open_database
from tests.builders import TEMPLATES
from tests.servers import SmtpServer
from worker.main import running_workers

EXAMPLES = Path(__file__).parents[1] / "examples"
_IDLE_APPS: list[FastAPI] = []
"""Building an app takes longer than most tests."""


@dataclass(frozen=True)
class Product:
    """What a user can do, and what a test looks at."""

    settings: Settings
    client: Client
    database: Database
    http: httpx.AsyncClient
    commits: OrderCommits

    async def publish(self, yaml: str) -> None:
        """As `ordercue automations apply` does."""
        definition = load_definition(yaml)
        async with self.database.transaction() as session:
            await automations.publish(session, definition.name, definition_json(definition))

    async def post(self, *orders: Any) -> dict[str, Any]:  # Any: JSON
        """Post orders; all must be accepted."""
        response = await self.http.post("/api/v1/orders", json={"orders": orders})
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        assert answer["failedOrders"] == []
        return answer

    async def entries(self, order: dict[str, Any], kind: str) -> list[dict[str, Any]]:
        """Entries of one kind in an order's timeline."""
        response = await self.http.get(f"/api/v1/orders/{order['externalOrderId']}/timeline")
        assert response.status_code == 200, response.text
        return [entry for entry in response.json()["entries"] if entry["kind"] == kind]

    async def wait_for(
        self, order: dict[str, Any], kind: str, holds: Callable[[list[dict[str, Any]]], bool], *, seconds: float = 60.0
    ) -> list[dict[str, Any]]:
        """The entries, once they are as wanted. Fails with what they were."""
        found: list[dict[str, Any]] = []
        try:
            async with asyncio.timeout(seconds):
                while not holds(found := await self.entries(order, kind)):  # noqa: ASYNC110 - over HTTP
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"{kind} entries stayed {found}") from None
        return found

    async def wait_for_run(self, order: dict[str, Any], state: str) -> dict[str, Any]:
        """The order's only run, once it is in this state."""
        return (await self.wait_for(order, "run", lambda runs: [run["state"] for run in runs] == [state]))[0]


@asynccontextmanager
async def running_api(settings: Settings, client: Client) -> AsyncIterator[Product]:
    """The API and a key, without workers."""
    database = open_database(settings.database_url, pool_size=2)
    async with database.transaction() as session:
        key = await create_key(session, "test", [Scope.ADMIN], rate=1_000_000)
        for name, source in TEMPLATES.items():
            content = parse_template(name, source).model_dump(exclude_none=True)
            await templates.apply_template(session, name, content)
    try:
        with _lent_app() as app:
            async with (
                running_services(settings) as services,
                httpx.AsyncClient(
                    transport=httpx.ASGITransport(app),
                    base_url="http://ordercue.test",
                    headers={"Authorization": f"Bearer {key.text}"},
                    timeout=30,
                ) as http,
            ):
                app.state.services = services
                yield Product(settings, client, database, http, services.commits)
    finally:
        await database.close()


@contextmanager
def _lent_app() -> Iterator[FastAPI]:
    """An app that nobody uses now; it is the same for all settings, which only its services know."""
    app = _IDLE_APPS.pop() if _IDLE_APPS else create_app(Settings())
    try:
        yield app
    finally:
        _IDLE_APPS.append(app)


@asynccontextmanager
async def running_product(settings: Settings, client: Client) -> AsyncIterator[Product]:
    """Everything."""
    async with running_api(settings, client) as product, running_workers(client, settings):
        yield product


@asynccontextmanager
async def skipping_product(
    settings: Settings, env: WorkflowEnvironment, smtp_server: SmtpServer
) -> AsyncIterator[Product]:
    """Everything, on a server on which weeks pass at once."""
    skipping = settings.model_copy(
        update={
            "temporal_address": env.client.service_client.config.target_host,
            "smtp_host": smtp_server.host,
            "smtp_port": smtp_server.port,
        }
    )
    async with running_product(skipping, env.client) as product:
        yield product


async def apply_example_templates(product: Product) -> None:
    """As `ordercue templates apply examples/templates` does."""
    async with product.database.transaction() as session:
        for path in (EXAMPLES / "templates").glob("*.html"):
            content = parse_template(path.stem, path.read_text()).model_dump(exclude_none=True)
            await templates.apply_template(session, path.stem, content)
