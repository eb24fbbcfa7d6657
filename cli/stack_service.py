"""One of our own processes in the stack: started again when it dies."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cli.embedded_process import Child

_FIRST_PAUSE = 1.0  # seconds; doubled with every death
_LONGEST_PAUSE = 30.0
_HEALTHY_SECONDS = 60.0  # who lived that long starts over with the first pause


class Service:
    """A command that should always run."""

    def __init__(
        self, name: str, command: Sequence[str | Path], *, log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.child: Child
        """The process that runs it now; set by `start`."""
        self._command = command
        self._log = log
        self._environment = environment

    async def start(self) -> Child:
        """Start the process; it need not answer yet."""
        self.child = await Child.start(self.name, self._command, log=self._log, environment=self._environment)
        return self.child

    async def stop(self) -> None:
        """End the process that runs now."""
        await self.child.stop()

    async def keep_running(self, report: Callable[[str], None], restarted: Callable[[], None]) -> None:
        """Start it again whenever it ends, after a growing pause, and say so in one line. Never returns."""
        pause = _FIRST_PAUSE
        child = self.child
        while True:
            begun = time.monotonic()
            code = await child.wait()
            if time.monotonic() - begun >= _HEALTHY_SECONDS:
                pause = _FIRST_PAUSE
            report(
                f"{self.name} ended with exit code {code} and starts again in {pause:g} s: "
                f"{child.last_words()} (see {child.log})"
            )
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            child = await self.start()
            restarted()
