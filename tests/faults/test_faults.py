"""Servers and processes that die under load: every order answered with 200 is stored, has its event and its decision.

FAULT_ROUNDS says how often each fault happens (`make faults`: 50).
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy import text

from automation.definition import definition_json, load_definition
from cli.embedded import EmbeddedPostgres, EmbeddedTemporal
from cli.ports import free_port
from cli.schedule import ensure_sweep_schedule
from core.errors import UnavailableError
from core.settings import Settings
from store.automations import publish
from store.doctor import examine
from store.keys import Scope, create_key
from store.schema import upgrade
from store.session import Database, open_database
from tests.builders import an_order
from tests.faults.processes import Served, served, working

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "1"))
_CLIENTS = 8
_BEFORE_SECONDS, _AFTER_SECONDS = 0.8, 0.8
_HEAL_SECONDS = 60.0

_LISTENS = """
name: Nobody is that rich
start: { event: orderDELIVERED, where: { all: [ { field: order.totalCost, op: gte, value: 1000000 } ] } }
steps: [ { get_order: {} } ]
"""
"""Decides each order and sends nothing: what is tried here is intake."""

_TOLD = text("""
    SELECT o.external_order_id, count(DISTINCT e.id) AS events, count(DISTINCT d.event_id) AS decided
    FROM "order" o JOIN order_event e ON e.order_id = o.id LEFT JOIN (
        SELECT event_id FROM decision UNION ALL SELECT event_id FROM unmatched) d ON d.event_id = e.id
    WHERE e.effect = 'acts' AND o.external_order_id = ANY(:ids) GROUP BY 1
""")


@dataclass
class Place:
    """One installation, its parts in real processes."""

    settings: Settings
    database: Database
    key: str
    postgres: EmbeddedPostgres
    temporal: EmbeddedTemporal
    apis: list[Served] = field(default_factory=list)
    accepted: Counter[str] = field(default_factory=Counter)
    """How often each order was answered with 200."""

    async def load(self, stop: asyncio.Event) -> None:
        """Many clients, some of whose orders are the same ones, until `stop`."""
        shared = [an_order() for _ in range(5)]
        async with httpx.AsyncClient(
            headers={"Authorization": f"Bearer {self.key}"}, timeout=20, trust_env=False
        ) as http:
            await asyncio.gather(*(self._client(http, number, shared, stop) for number in range(_CLIENTS)))

    async def _client(
        self, http: httpx.AsyncClient, number: int, shared: list[dict[str, object]], stop: asyncio.Event
    ) -> None:
        cost = number
        while not stop.is_set():
            cost += _CLIENTS  # another content each time, so that each event acts
            orders = [an_order(totalCost=cost), random.choice(shared) | {"totalCost": cost}]
            try:
                response = await http.post(
                    f"{self.apis[number % len(self.apis)].url}/api/v1/orders", json={"orders": orders}
                )
            except httpx.HTTPError:
                await asyncio.sleep(0.05)
                continue
            assert response.status_code in {200, 503}, response.text
            if response.status_code == 200:
                assert response.json()["failedOrders"] == []
                self.accepted.update(str(order["externalOrderId"]) for order in orders)

    async def require_whole(self) -> None:
        """Everything that was accepted is there, once the sweeper had its time."""
        async with asyncio.timeout(_HEAL_SECONDS):
            while await self._unwell():  # noqa: ASYNC110 - in PostgreSQL
                await asyncio.sleep(0.3)
        async with self.database.transaction() as session:
            rows = {row.external_order_id: row for row in await session.execute(_TOLD, {"ids": list(self.accepted)})}
        assert rows.keys() == self.accepted.keys()
        assert not [key for key, row in rows.items() if row.events < self.accepted[key]]
        assert not [key for key, row in rows.items() if row.decided < row.events]

    async def _unwell(self) -> list[str]:
        try:
            async with self.database.transaction() as session:
                found = await examine(
                    session,
                    now=datetime.now(UTC) + timedelta(seconds=1),
                    patience=timedelta(),
                    long_patience=timedelta(),
                    window=timedelta(days=1),
                )
        except UnavailableError:
            return ["away"]  # a connection from before the restart
        return [one.code for one in found if one.count]


@asynccontextmanager
async def _place(folder: Path, apis: int = 1) -> AsyncIterator[Place]:
    async with (
        EmbeddedPostgres(folder / "postgres") as postgres,
        EmbeddedTemporal(folder / "temporal", ui=False, port=free_port(0)) as temporal,
    ):
        settings = Settings(
            database_url=await postgres.database("ordercue"),
            database_pool_size=10,
            temporal_address=temporal.address,
            sweep_seconds=1,
            sweep_after_seconds=1,
        )
        await upgrade(settings.database_url)
        database = open_database(settings.database_url, pool_size=2)
        try:
            await ensure_sweep_schedule(await temporal.connect(), settings)
            async with database.transaction() as session:
                key = await create_key(session, "load", [Scope.ADMIN], rate=100_000)
                definition = load_definition(_LISTENS)
                await publish(session, definition.name, definition_json(definition))
            place = Place(settings, database, key.text, postgres, temporal)
            async with served(settings, apis) as place.apis, working(settings):
                yield place
        finally:
            await database.close()


async def _rounds(place: Place, fault: Callable[[], Awaitable[None]]) -> None:
    for _ in range(ROUNDS):
        place.accepted.clear()
        stop = asyncio.Event()
        load = asyncio.create_task(place.load(stop))
        await asyncio.sleep(random.uniform(0.2, _BEFORE_SECONDS))
        await fault()
        await asyncio.sleep(_AFTER_SECONDS)
        stop.set()
        await load
        assert place.accepted
        await place.require_whole()


@pytest.fixture
def folder(session_folder: Path, request: pytest.FixtureRequest) -> Path:
    place = session_folder / f"f{abs(hash(request.node.name)) % 10_000}"
    place.mkdir()
    place.chmod(0o711)
    return place


async def test_the_api_killed_under_load_loses_nothing_that_it_accepted(folder: Path) -> None:
    async with _place(folder) as place:

        async def fault() -> None:
            await place.apis[0].kill()
            await place.apis[0].start()

        await _rounds(place, fault)


async def test_postgresql_restarted_under_load_loses_nothing_that_was_accepted(folder: Path) -> None:
    async with _place(folder) as place:

        async def fault() -> None:
            await place.postgres.__aexit__(None, None, None)
            await place.postgres.__aenter__()

        await _rounds(place, fault)


async def test_temporal_killed_under_load_loses_nothing_that_was_accepted(folder: Path) -> None:
    async with _place(folder) as place:

        async def fault() -> None:
            port = place.temporal.address.partition(":")[2]
            for process in psutil.Process().children(recursive=True):
                if process.is_running() and "start-dev" in process.cmdline() and port in process.cmdline():
                    process.kill()
            await place.temporal.__aexit__(None, None, None)
            await place.temporal.__aenter__()

        await _rounds(place, fault)


async def test_two_api_processes_on_the_same_orders_lose_nothing(folder: Path) -> None:
    async with _place(folder, apis=2) as place:

        async def fault() -> None:
            await asyncio.sleep(0.5)

        await _rounds(place, fault)
