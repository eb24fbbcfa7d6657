"""Temporal of one machine: the official CLI's development server, with its Web UI, on a database file."""

from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from temporalio.client import Client
from temporalio.common import SearchAttributeKey

from cli.embedded_folder import locked
from cli.embedded_process import Child, find_command
from cli.ports import LOOPBACK, claim_port
from core.contracts import SEARCH_ATTRIBUTES
from core.temporal import DATA_CONVERTER

_START_SECONDS = 60.0
_DYNAMIC = (
    "matching.enableFairness=true",
)  # shops that share a channel share its rate, each message has its shop's key
_PRAGMAS = ("journal_mode=wal", "synchronous=normal")  # three times the throughput; survives a kill, not a power cut


class EmbeddedTemporal:
    """`async with EmbeddedTemporal(folder) as temporal: client = temporal.client`.

    `folder` holds the database file, in which the next start finds the sleeping runs again. A child process of ours
    instead of `WorkflowEnvironment.start_local`: that one keeps no log and no process id, and shares our process group.

    Raises ConfigurationError when a port is taken, the program missing or the folder in use, ChildFailedError when the
    server does not start.
    """

    def __init__(
        self,
        folder: Path,
        *,
        log: Path | None = None,
        port: int = 0,
        ui: bool = True,
        ui_port: int = 0,
        forgetful: bool = False,
    ) -> None:
        """Port 0 takes a free one. `forgetful` keeps everything in memory: for tests."""
        self._folder = folder.resolve()
        self._log = log or self._folder / "temporal.log"
        self._forgetful = forgetful
        self._exits = AsyncExitStack()
        self._port = claim_port(port, "--temporal-port")
        self._ui_port = claim_port(ui_port, "--temporal-ui-port")
        self.address = f"{LOOPBACK}:{self._port}"
        self.ui_url = f"http://{LOOPBACK}:{self._ui_port}" if ui else None
        self.child: Child
        """Set once the block is entered."""

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as exits:
            exits.enter_context(locked(self._folder))
            self.child = await Child.start("Temporal", self._command(), log=self._log)
            exits.push_async_callback(self.child.stop)
            await self.child.wait_until(self._answers, seconds=_START_SECONDS, port=self._port)
            self._exits = exits.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.aclose()

    async def connect(self, namespace: str = "default") -> Client:
        """A client of this server."""
        return await Client.connect(self.address, namespace=namespace, data_converter=DATA_CONVERTER)

    def _command(self) -> list[str | Path]:
        command: list[str | Path] = [find_command("temporal"), "server", "start-dev"]
        command += ["--ip", LOOPBACK, "--port", str(self._port)]
        command += ["--log-level", "warn", "--disable-config-file", "--disable-config-env"]
        for value in _DYNAMIC:
            command += ["--dynamic-config-value", value]
        for key in SEARCH_ATTRIBUTES:
            command += ["--search-attribute", f"{key.name}={_kind(key)}"]
        if self.ui_url:
            command += ["--ui-port", str(self._ui_port), "--ui-disable-news-fetch"]
        else:
            command += ["--headless"]
        if not self._forgetful:
            command += ["--db-filename", self._folder / "temporal.db"]
            for pragma in _PRAGMAS:
                command += ["--sqlite-pragma", pragma]
        return command

    async def _answers(self) -> bool:
        try:
            await self.connect()
            if self.ui_url:
                async with httpx.AsyncClient(trust_env=False) as http:
                    (await http.get(self.ui_url, follow_redirects=True)).raise_for_status()
        except (RuntimeError, httpx.HTTPError):  # the SDK raises a bare RuntimeError when it cannot connect
            return False
        return True


def _kind(key: SearchAttributeKey[Any]) -> str:  # whatever the type of its values
    """KEYWORD_LIST is KeywordList on the command line."""
    return key.indexed_value_type.name.title().replace("_", "")
