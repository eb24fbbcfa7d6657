"""The product as its processes, a bare worker beside it, on the same embedded servers, in a temporary folder."""

import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from temporalio.client import Client

from automation.definition import definition_json, load_definition
from automation.template import parse_template
from bench.sink import Sink
from cli.embedded import EmbeddedPostgres, EmbeddedTemporal
from cli.embedded_process import Child, find_command
from cli.ports import LOOPBACK, free_port
from cli.stack import product_environment
from cli.stack_probes import probes
from cli.stack_ready import Ready
from core.errors import UnavailableError
from store import automations, templates
from store.keys import Scope, create_key
from store.schema import upgrade
from store.session import Database, open_database
from tests.builders import TEMPLATES

_START_SECONDS = 60.0
_RELEASED_PER_SECOND = 1000
"""A resume is not to be what limits mails a second."""


@dataclass(frozen=True)
class Installation:
    """What is measured."""

    client: Client
    database: Database
    http: httpx.AsyncClient
    sink: Sink
    pids: dict[str, int]
    """Of the processes whose work is counted: postgres, temporal, worker, api, bare."""
    temporal_file: Path
    """Where Temporal keeps everything, in SQLite."""

    async def publish(self, yaml: str) -> None:
        """Make an automation live."""
        definition = load_definition(yaml)
        async with self.database.transaction() as session:
            await automations.publish(session, definition.name, definition_json(definition))

    async def post(self, orders: Sequence[dict[str, Any]]) -> None:  # Any: JSON
        """Post orders over HTTP. Raises UnavailableError unless all are accepted."""
        response = await self.http.post("/api/v1/orders", json={"orders": orders})
        if not response.is_success or response.json()["failedOrders"]:
            raise UnavailableError(f"the API did not accept the orders: {response.text[:500]}")


@asynccontextmanager
async def installed(tell: Callable[[str], None]) -> AsyncIterator[Installation]:
    """Everything from nothing; nothing is left after the block. `tell` takes the name of what is being started."""
    async with AsyncExitStack() as exits:
        folder = exits.enter_context(_folder())
        tell("PostgreSQL, Temporal and an SMTP server")
        sink = Sink()
        await exits.enter_async_context(sink.running())
        postgres = await exits.enter_async_context(EmbeddedPostgres(folder / "postgres"))
        temporal = await exits.enter_async_context(EmbeddedTemporal(folder / "temporal", ui=False))
        url = await postgres.database("ordercue")
        await upgrade(url)
        database = open_database(url, pool_size=1)
        exits.push_async_callback(database.close)
        where = Ready(
            api_url=f"http://{LOOPBACK}:{free_port()}",
            api_key=await _prepare(database),
            temporal_address=temporal.address,
            temporal_ui_url="",
            database_url=url,
            smtp_address=f"{LOOPBACK}:{sink.port}",
            mailbox_url=f"http://{LOOPBACK}:0",  # none: the sink keeps no mails
            console_url=f"http://{LOOPBACK}:0",  # not started
            pids={},
        )
        tell("the API, the worker and the bare worker")
        children = await _start_processes(exits, where, folder)
        http = await exits.enter_async_context(
            httpx.AsyncClient(
                base_url=where.api_url,
                headers={"Authorization": f"Bearer {where.api_key}"},
                timeout=60,
                trust_env=False,
            )
        )
        children |= {"postgres": postgres.child, "temporal": temporal.child}
        pids = {name: child.pid for name, child in children.items()}
        file = folder / "temporal" / "temporal.db"
        yield Installation(await temporal.connect(), database, http, sink, pids, file)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ordercue-bench-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL passes through as another user when this runs as root
        yield Path(folder)


async def _prepare(database: Database) -> str:
    """Templates and an API key."""
    async with database.transaction() as session:
        for name, source in TEMPLATES.items():
            content = parse_template(name, source).model_dump(exclude_none=True)
            await templates.apply_template(session, name, content)
        return (await create_key(session, "bench", [Scope.ADMIN], rate=1_000_000)).text


async def _start_processes(exits: AsyncExitStack, where: Ready, folder: Path) -> dict[str, Child]:
    environment = product_environment(where, folder) | {"ORDERCUE_RELEASE_PER_SECOND": str(_RELEASED_PER_SECOND)}
    commands: dict[str, list[str | Path]] = {
        "worker": [find_command("ordercue"), "worker"],
        "api": [find_command("ordercue"), "api"],
        "bare": [sys.executable, "-m", "bench.bare_worker"],
    }
    children: dict[str, Child] = {}
    for name, command in commands.items():
        children[name] = await Child.start(name, command, log=folder / f"{name}.log", environment=environment)
        exits.push_async_callback(children[name].stop)
    found = await probes(where)
    for name in ("worker", "api"):
        port, answers = found[name]
        await children[name].wait_until(answers, seconds=_START_SECONDS, port=port)
    return children
