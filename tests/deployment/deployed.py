"""The processes of docker-compose.yml on this machine, against the servers of the tests."""

import asyncio
import os
import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, RegisterNamespaceRequest
from temporalio.client import Client

from cli.embedded import EmbeddedPostgres, EmbeddedTemporal
from cli.embedded_process import Child, find_command, read_output
from cli.ports import free_port
from core.contracts import QUEUE, channel_queue
from tests.deployment.compose import services
from tests.servers import SmtpServer

LOOPBACK = "127.0.0.1"
SECONDS = 60.0  # bounds a broken test, says nothing about speed
_FROM_THE_SYSTEM = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL")


@dataclass(frozen=True)
class Server:
    """An API process."""

    child: Child
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.environment['ORDERCUE_API_PORT']}"


@dataclass
class Deployment:
    """One installation. Each process is made of the file's own command and environment."""

    folder: Path
    database_url: str
    namespace: str
    client: Client
    smtp: SmtpServer
    temporal_address: str
    exits: AsyncExitStack
    apis: list[Server] = field(default_factory=list)
    workers: list[Child] = field(default_factory=list)

    def environment(self, name: str) -> dict[str, str]:
        """The service's environment; only where its servers are is ours."""
        places = {
            "ORDERCUE_DATABASE_URL": self.database_url,
            "ORDERCUE_TEMPORAL_ADDRESS": self.temporal_address,
            "ORDERCUE_SMTP_HOST": self.smtp.host,
            "ORDERCUE_SMTP_PORT": str(self.smtp.port),
            "ORDERCUE_API_HOST": LOOPBACK,
        }
        given = {"POSTGRES_PASSWORD": "0123abcd", "ORDERCUE_TEMPORAL_NAMESPACE": self.namespace}
        environment = services(given)[name].environment
        system = {variable: os.environ[variable] for variable in _FROM_THE_SYSTEM if variable in os.environ}
        return system | environment | {key: value for key, value in places.items() if key in environment}

    async def migrate(self) -> None:
        """Run the service to its end. Fails with what it said."""
        child = await self._start("migrate", "migrate", self.environment("migrate"))
        async with asyncio.timeout(SECONDS):
            code = await child.wait()
        assert code == 0, child.log.read_text()

    async def start_api(self) -> Server:
        """One more API, once its port answers."""
        environment = self.environment("api") | {"ORDERCUE_API_PORT": str(free_port())}
        server = Server(await self._start("api", f"api-{len(self.apis)}", environment), environment)
        await server.child.wait_until(lambda: _is_ready(server.url), seconds=SECONDS)
        self.apis.append(server)
        return server

    async def start_worker(self) -> Child:
        """One more worker, once Temporal knows that it polls."""
        child = await self._start("worker", f"worker-{len(self.workers)}", self.environment("worker"))
        self.workers.append(child)
        await child.wait_until(self._all_workers_poll, seconds=SECONDS)
        return child

    async def cli(self, *arguments: str | Path) -> str:
        """Output of `docker compose run migrate ARGUMENTS`, in effect."""
        command: Sequence[str | Path] = [find_command("ordercue"), *arguments]
        async with asyncio.timeout(SECONDS):
            return (await read_output("ordercue", command, environment=self.environment("migrate"))).strip()

    async def _start(self, service: str, name: str, environment: dict[str, str]) -> Child:
        command = services({"POSTGRES_PASSWORD": "0123abcd"})[service].command
        child = await Child.start(
            name, [find_command(command[0]), *command[1:]], log=self.folder / f"{name}.log", environment=environment
        )
        self.exits.push_async_callback(child.stop)
        return child

    async def _all_workers_poll(self) -> bool:
        expected = len(self.workers)
        return (
            await self._pollers(QUEUE, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW) >= expected
            and await self._pollers(channel_queue("email"), TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY) >= expected
        )

    async def _pollers(self, queue: str, kind: TaskQueueType.ValueType) -> int:
        """How many different processes ask this queue for work."""
        answer = await self.client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(namespace=self.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind)
        )
        return len({poller.identity for poller in answer.pollers})


async def healthcheck(command: Sequence[str], environment: dict[str, str]) -> int:
    """Exit code of a service's health check, run as the container would run it."""
    assert command[0] == "python"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command[1:],
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(SECONDS):
        return await process.wait()


@asynccontextmanager
async def deployment(
    folder: Path, postgres: EmbeddedPostgres, temporal: EmbeddedTemporal, smtp: SmtpServer
) -> AsyncIterator[Deployment]:
    """An empty database, a bare namespace, and no process yet; at the end every process is stopped."""
    name = f"deployed-{uuid.uuid4().hex}"
    client = await temporal.connect(name)
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=Duration(seconds=24 * 3600))
    )
    url = await postgres.database(name.replace("-", "_"))
    async with AsyncExitStack() as exits:
        yield Deployment(folder, url, name, client, smtp, temporal.address, exits)


def parse_key(output: str) -> str:
    """The key that `ordercue keys create --json` printed."""
    found: dict[str, Any] = orjson.loads(output)  # Any: JSON
    return str(found["key"])


async def _is_ready(url: str) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
            return (await http.get(f"{url}/readyz")).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
