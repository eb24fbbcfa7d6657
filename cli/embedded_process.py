"""A process beside ours: its own process group, its output in a log file, its life tied to ours."""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

import psutil

from cli import embedded_tether
from cli.embedded_folder import Account
from core.errors import ConfigurationError, UnavailableError

_PROBE_SECONDS = 0.05
_SAME_START_SECONDS = 2.0  # start times move when the machine's clock is set right
_STOP_SECONDS = 35.0  # a worker lets calls of providers that are under way come to their end, at most 30 s


class ChildFailedError(UnavailableError):
    """A child ended, or never answered; the text ends with what it said last."""

    def __init__(self, child: "Child", what: str) -> None:
        super().__init__(f"{child.name} {what}: {child.last_words()} (see {child.log})")
        self.child = child.name


class Child:
    """A running child. Ctrl-C in the terminal does not reach it; `stop` ends it.

    On Linux it must be started from the main thread: its death signal follows the life of the thread that started it.
    """

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path, signals: Sequence[int]) -> None:
        self.name = name
        self.log = log
        self._process = process
        self._signals = signals

    @classmethod
    async def start(
        cls,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        account: Account | None = None,
        signals: Sequence[int] = (signal.SIGTERM,),
    ) -> Self:
        """Start a command; output is appended to `log`, the pid is kept beside it.

        Args:
            name: what messages call it.
            command: the program's path and its arguments.
            log: file for both outputs; its folder is made.
            environment: all variables of the child; ours when None.
            account: who it runs as, when not as we do.
            signals: how to ask it to end, in the order in which they are tried; the first is also sent when we die.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        await _end_left_over(_pid_file(log), signals)
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *_tethered(command, signals[0], account),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                start_new_session=True,
            )
        child = cls(name, process, log, signals)
        with suppress(psutil.NoSuchProcess):
            _pid_file(log).write_text(f"{process.pid} {psutil.Process(process.pid).create_time()}")
        return child

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative for the signal that ended it."""
        return self._process.returncode

    async def wait(self) -> int:
        """Wait until it ends; its exit code."""
        return await self._process.wait()

    async def wait_until(
        self, answers: Callable[[], Awaitable[bool]], *, seconds: float, port: int | None = None
    ) -> None:
        """Wait until the child answers. Raises ChildFailedError when it ends or the time is over.

        With `port` nobody is asked before the child itself listens there: another may have been quicker to take it.
        """
        try:
            async with asyncio.timeout(seconds):
                while not (self._listens_on(port) and await answers()):
                    if self.exit_code is not None:
                        raise ChildFailedError(self, f"ended with exit code {self.exit_code}")
                    await asyncio.sleep(_PROBE_SECONDS)
        except TimeoutError:
            raise ChildFailedError(self, f"did not answer within {seconds:g} s") from None

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._process.kill()

    async def stop(self) -> None:
        """End it, gently first. Does nothing when it has ended."""
        for number in (*self._signals, signal.SIGKILL):
            if self.exit_code is not None:
                break
            with suppress(ProcessLookupError):
                self._process.send_signal(number)
            with suppress(TimeoutError):
                async with asyncio.timeout(_STOP_SECONDS):
                    await self.wait()
        _pid_file(self.log).unlink(missing_ok=True)

    def last_words(self) -> str:
        """The last line of its log, for messages."""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 8192))
            return _last_line(log.read())

    def _listens_on(self, port: int | None) -> bool:
        if port is None:
            return True
        try:
            sockets = psutil.Process(self.pid).net_connections("tcp")
        except psutil.Error:
            return False
        return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in sockets)


async def read_output(name: str, command: Sequence[str | Path], *, environment: Mapping[str, str]) -> str:
    """What a command prints, which is kept nowhere. Raises UnavailableError with its last words when it fails."""
    process = await asyncio.create_subprocess_exec(
        *_tethered(command, signal.SIGTERM, None),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )
    try:
        output, complaint = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        msg = f"{name} failed with exit code {process.returncode}: {_last_line(complaint)}"
        raise UnavailableError(msg)
    return output.decode()


def find_command(name: str) -> Path:
    """A program of this Python environment, else of the PATH. Raises ConfigurationError with the remedy."""
    beside = Path(sys.executable).with_name(name)
    found = beside if beside.is_file() else shutil.which(name)
    if found is None:
        msg = f"the program {name!r} is missing; install it with: pip install 'ordercue[embedded]'"
        raise ConfigurationError(msg)
    return Path(found)


def _tethered(command: Sequence[str | Path], death_signal: int, account: Account | None) -> list[str]:
    """The command line that turns into `command` with its life tied to ours."""
    uid, gid = (account.uid, account.gid) if account else (-1, -1)
    tether = [sys.executable, "-I", "-S", embedded_tether.__file__, os.getpid(), int(death_signal), uid, gid]
    return [str(part) for part in (*tether, *command)]


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def _pid_file(log: Path) -> Path:
    return log.with_suffix(".pid")


async def _end_left_over(pid_file: Path, signals: Sequence[int]) -> None:
    """End the child of a parent that was killed, where the kernel did not do so."""
    process = _left_over(pid_file)
    if process is None:
        return
    for number in (*signals, signal.SIGKILL):
        try:
            process.send_signal(number)
            await asyncio.to_thread(process.wait, _STOP_SECONDS)  # psutil has no asynchronous wait
        except psutil.NoSuchProcess:
            return
        except psutil.TimeoutExpired:
            continue


def _left_over(pid_file: Path) -> psutil.Process | None:
    """The process that the file names, if it still runs. Its start time tells it from one that has its pid now."""
    try:
        pid, started = pid_file.read_text().split()
        process = psutil.Process(int(pid))
        return process if abs(process.create_time() - float(started)) < _SAME_START_SECONDS else None
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None
