"""The whole of Ordercue on one machine: PostgreSQL, Temporal, a mailbox, and our own processes, as children."""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson

from cli.embedded import ChildFailedError, EmbeddedPostgres, EmbeddedTemporal
from cli.embedded_folder import locked
from cli.embedded_process import Child, find_command, read_output
from cli.ports import LOOPBACK, Ports
from cli.stack_probes import opens, port_of, probes
from cli.stack_ready import Ready, write_secret
from cli.stack_service import Service
from core.errors import ConfigurationError

_START_SECONDS = 60.0
_ADMIN = "dev@ordercue.test"
_NOT_OURS = ("ORDERCUE_SMTP_USERNAME", "ORDERCUE_SMTP_PASSWORD", "ORDERCUE_TEMPORAL_API_KEY")
"""Settings of servers that the stack replaces by its own."""


class Stack:
    """`async with Stack(folder) as stack: …` runs everything as long as the block, `stack.ready` says where.

    `data_dir` keeps the data, the API key and the logs; the next start on it finds them, and the sleeping runs, again.
    No child outlives the block, however it ends; if this process is killed, the kernel ends them (elsewhere than on
    Linux the next start does).

    Raises ConfigurationError for a taken port, a missing program or a folder in use, UnavailableError (of which
    ChildFailedError is one) when a part does not start.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        ports: Ports | None = None,
        ready_file: Path | None = None,
        report: Callable[[str], None] = lambda _line: None,
        progress: Callable[[str], None] = lambda _step: None,
    ) -> None:
        """Describe the stack.

        Args:
            data_dir: folder of all data, made if absent.
            ports: free ones when None.
            ready_file: holds `Ready` as JSON exactly while everything is meant to answer.
            report: takes a line about a service that died.
            progress: takes the name of what is being started.
        """
        self._data_dir = data_dir.absolute()
        self._logs = self._data_dir / "logs"
        self._key_file = self._data_dir / "api-key"
        self._wanted_ports = ports or Ports()
        self._ready_file = ready_file
        self._report = report
        self._progress = progress
        self._exits = AsyncExitStack()
        self._servers: dict[str, Child] = {}
        self._services: dict[str, Service] = {}
        self.sign_in_link = ""
        self.ready: Ready
        """Set once the block is entered."""

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def watch(self) -> None:
        """Start again what dies of the API, the worker and the mailbox.

        Never returns. Raises ChildFailedError when PostgreSQL or Temporal ends.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for server in self._servers.values():
                    group.create_task(_fail_with(server))
                for service in self._services.values():
                    group.create_task(service.keep_running(self._report, self._tell))
        except* ChildFailedError as failed:
            raise failed.exceptions[0] from None

    async def _start(self) -> None:
        self._exits.enter_context(locked(self._data_dir))
        _put_away(self._logs)
        if self._ready_file:
            _make_way(self._ready_file)
        where = await self._start_servers(self._wanted_ports.claimed())
        environment = product_environment(where, self._data_dir)
        self._progress("the schema")
        await self._prepare(environment)
        self._progress("API, console, worker and mailbox")
        await self._start_services(where, environment)
        key = self._key_file.read_text()
        for name, (port, answers) in (await probes(where)).items():
            await self._services[name].child.wait_until(answers, seconds=_START_SECONDS, port=port)
        if not await opens(where.api_url, key):
            key = await self._new_key(environment)
        self.ready = replace(where, api_key=key)
        if self._ready_file:
            self._exits.callback(self._ready_file.unlink, missing_ok=True)
        self._tell()

    async def _start_servers(self, ports: Ports) -> Ready:
        self._progress("PostgreSQL")
        postgres = await self._exits.enter_async_context(
            EmbeddedPostgres(self._data_dir / "postgres", log=self._logs / "postgres.log")
        )
        self._progress("Temporal")
        temporal = await self._exits.enter_async_context(
            EmbeddedTemporal(
                self._data_dir / "temporal",
                log=self._logs / "temporal.log",
                port=ports.temporal,
                ui_port=ports.temporal_ui,
            )
        )
        self._servers = {"postgres": postgres.child, "temporal": temporal.child}
        return Ready(
            api_url=f"http://{LOOPBACK}:{ports.api}",
            api_key="",
            temporal_address=temporal.address,
            temporal_ui_url=f"http://{LOOPBACK}:{ports.temporal_ui}",
            database_url=await postgres.database("ordercue"),
            smtp_address=f"{LOOPBACK}:{ports.smtp}",
            mailbox_url=f"http://{LOOPBACK}:{ports.mailbox}",
            console_url=f"http://{LOOPBACK}:{ports.console}",
            pids={},
        )

    async def _prepare(self, environment: Mapping[str, str]) -> None:
        """The schema, a key unless the last start left one, and the link of this start."""
        link_file = self._data_dir / "sign-in-link"
        command: list[str | Path] = [sys.executable, "-P", "-m", "cli.stack_first", self._key_file, link_file, _ADMIN]
        child = await Child.start("ordercue migrate", command, log=self._logs / "migrate.log", environment=environment)
        try:
            if code := await child.wait():
                raise ChildFailedError(child, f"failed with exit code {code}")
            self.sign_in_link = link_file.read_text()
        finally:
            await child.stop()
            link_file.unlink(missing_ok=True)

    async def _start_services(self, where: Ready, environment: Mapping[str, str]) -> None:
        """All at once; none need answer yet."""
        ports = [str(port_of(where.smtp_address)), str(port_of(where.mailbox_url))]
        mails = self._data_dir / "mails"
        commands: dict[str, list[str | Path]] = {  # stopped in reverse order: first no more orders come in
            "mailbox": [sys.executable, "-P", "-m", "cli.stack_mailbox", *ports, mails],
            "worker": [_ordercue(), "worker"],
            "console": [_ordercue(), "console"],
            "api": [_ordercue(), "api"],
        }
        for name, command in commands.items():
            service = Service(name, command, log=self._logs / f"{name}.log", environment=environment)
            self._services[name] = service
            await service.start()
            self._exits.push_async_callback(service.stop)

    async def _new_key(self, environment: Mapping[str, str]) -> str:
        """In the place of one that is revoked, or of a database that is gone."""
        command: list[str | Path] = [_ordercue(), "keys", "create", "--json", "--name", "dev"]
        output = await read_output("ordercue keys create", command, environment=environment)
        key = str(orjson.loads(output)["key"])
        write_secret(self._key_file, key.encode())
        return key

    def _pids(self) -> dict[str, int]:
        children = self._servers | {name: service.child for name, service in self._services.items()}
        return {name: child.pid for name, child in children.items()}

    def _tell(self) -> None:
        self.ready = replace(self.ready, pids=self._pids())
        if self._ready_file:
            self.ready.write(self._ready_file)

    async def _stop(self) -> None:
        """End everything in reverse order. A cancellation waits until that is done."""
        closing = asyncio.create_task(self._exits.aclose())
        cancelled = False
        while not closing.done():
            try:
                await asyncio.shield(closing)
            except asyncio.CancelledError:
                cancelled = True
        closing.result()
        if cancelled:
            raise asyncio.CancelledError


def _ordercue() -> Path:
    return find_command("ordercue")


def product_environment(where: Ready, data_dir: Path) -> dict[str, str]:
    """Our environment, with the stack's own servers in the place of any other."""
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_OURS}
    return (
        {"ORDERCUE_TRACK": "all"}
        | kept
        | {  # there is nobody to be told that the mails are followed
            "ORDERCUE_DATABASE_URL": where.database_url,
            "ORDERCUE_TEMPORAL_ADDRESS": where.temporal_address,
            "ORDERCUE_TEMPORAL_NAMESPACE": "default",
            "ORDERCUE_TEMPORAL_UI_URL": where.temporal_ui_url,
            "ORDERCUE_API_HOST": LOOPBACK,
            "ORDERCUE_API_PORT": str(port_of(where.api_url)),
            "ORDERCUE_PUBLIC_URL": where.api_url,
            "ORDERCUE_CONSOLE_HOST": LOOPBACK,
            "ORDERCUE_CONSOLE_PORT": str(port_of(where.console_url)),
            "ORDERCUE_CONSOLE_URL": where.console_url,
            "ORDERCUE_SMTP_HOST": LOOPBACK,
            "ORDERCUE_SMTP_PORT": str(port_of(where.smtp_address)),
            "ORDERCUE_SMTP_TLS": "none",
            "ORDERCUE_DATA_DIR": str(data_dir),
            "PYTHONUNBUFFERED": "1",  # a log that ends where the process ended
        }
    )


def _put_away(logs: Path) -> None:
    """Keep the logs of the last start beside those of this one."""
    for log in logs.glob("*.log"):
        log.replace(log.with_suffix(".log.1"))


def _make_way(ready_file: Path) -> None:
    """Nothing stands in the place of the ready file, and it can be written. Raises ConfigurationError."""
    try:
        ready_file.parent.mkdir(parents=True, exist_ok=True)
        write_secret(ready_file, b"")
        ready_file.unlink()
    except OSError as error:
        msg = f"cannot write {ready_file}: {error.strerror}; choose another --ready-file"
        raise ConfigurationError(msg) from error


async def _fail_with(server: Child) -> None:
    code = await server.wait()
    raise ChildFailedError(server, f"ended with exit code {code}")
