"""`ordercue dev` as a process of its own, as people run it."""

import asyncio
import json
import os
import signal
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from cli.embedded_process import find_command
from cli.stack_ready import Ready

_MARK = "ORDERCUE_TEST_MARK"
_PATIENCE = 120.0  # seconds; bounds a broken test, says nothing about speed


class DevProcess:
    """A started `ordercue dev`, with free ports and a folder of its own."""

    def __init__(self, process: asyncio.subprocess.Process, data_dir: Path, ready_file: Path, mark: str) -> None:
        self.process = process
        self.data_dir = data_dir
        self.ready_file = ready_file
        self.output = ""
        self._mark = mark

    async def ready(self) -> Ready:
        """Wait until everything answers."""
        await self.until(self.ready_file.exists)
        return self.read_ready()

    def read_ready(self) -> Ready:
        return Ready(**json.loads(self.ready_file.read_bytes()))

    async def until(self, seen: Callable[[], bool]) -> None:
        """Wait until something is seen. Fails with the output when the process ends first."""
        async with asyncio.timeout(_PATIENCE):
            while not seen():
                if self.process.returncode is not None:
                    await self.ended()
                    raise AssertionError(self.output)
                await asyncio.sleep(0.02)

    async def ended(self) -> int:
        """Exit code; `output` is what was printed."""
        async with asyncio.timeout(_PATIENCE):
            printed, _ = await self.process.communicate()
        self.output += printed.decode()
        return await self.process.wait()

    async def left_over(self, seconds: float = 30.0) -> list[str]:
        """What still runs of this stack after it had the time to end."""
        async with asyncio.timeout(_PATIENCE):
            for _ in range(int(seconds / 0.1)):
                if not self.running():
                    return []
                await asyncio.sleep(0.1)
        return [f"{each.pid} {each.name()}" for each in self.running()]

    def running(self) -> list[psutil.Process]:
        """All processes of this stack, by the mark in their environment."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE and self._is_ours(process):
                    found.append(process)
            except psutil.Error:
                continue  # it ended meanwhile, or belongs to somebody else
        return found

    def _is_ours(self, process: psutil.Process) -> bool:
        return process.environ().get(_MARK) == self._mark


@asynccontextmanager
async def dev(data_dir: Path, *options: str, ready_file: Path | None = None) -> AsyncIterator[DevProcess]:
    """Run `ordercue dev`; whatever is left of it at the end is killed."""
    mark = uuid.uuid4().hex
    ready_file = ready_file or data_dir / "ready.json"
    free = [
        "--api-port=0",
        "--temporal-port=0",
        "--temporal-ui-port=0",
        "--smtp-port=0",
        "--mailbox-port=0",
        "--console-port=0",
    ]
    arguments = ["--data-dir", str(data_dir), "--ready-file", str(ready_file), *free, *options]
    process = await asyncio.create_subprocess_exec(
        str(find_command("ordercue")),
        "dev",
        *arguments,
        env=os.environ | {_MARK: mark},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_hear_hang_ups,
    )
    started = DevProcess(process, data_dir, ready_file, mark)
    try:
        yield started
    finally:
        for each in started.running():
            each.kill()
        await process.communicate()


def _hear_hang_ups() -> None:
    """Tests may run under nohup, whose children ignore SIGHUP."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
