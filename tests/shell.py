"""The `ordercue` command, as people and scripts call it."""

import asyncio
import io
import json
import os
import threading
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from typing import Any, NamedTuple

import pytest

from cli.embedded_process import find_command
from cli.main import run
from core.settings import Settings

_SETTINGS = ("database_url", "temporal_address", "temporal_namespace", "smtp_host", "smtp_port")
_SECONDS = 60
_ONE_AT_A_TIME = threading.Lock()
"""What a process writes and its environment are there once."""


class Done(NamedTuple):
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything that it wrote."""
        return self.out + self.err

    @property
    def json(self) -> Any:  # Any: JSON
        return json.loads(self.out)


class Shell:
    """Runs `ordercue` with the settings of the test, or with those of a fresh machine."""

    def __init__(self, settings: Settings | None = None) -> None:
        names = _SETTINGS if settings else ()
        self.environment = {f"ORDERCUE_{name.upper()}": str(getattr(settings, name)) for name in names}
        self.environment["COLUMNS"] = "200"

    async def start(self, *arguments: object, **more: str) -> asyncio.subprocess.Process:
        """A process of its own, for what serves, is killed or starts processes."""
        return await asyncio.create_subprocess_exec(
            find_command("ordercue"),
            *map(str, arguments),
            env=os.environ | self.environment | more,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def run(self, *arguments: object, **more: str) -> Done:
        """A thread of this process: the imports of one of its own cost seconds."""
        work = asyncio.to_thread(_run, [str(one) for one in arguments], self.environment | more)
        return await asyncio.wait_for(work, _SECONDS)


def _run(arguments: list[str], environment: Mapping[str, str]) -> Done:
    out, err = io.StringIO(), io.StringIO()
    with _ONE_AT_A_TIME, pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name, value in environment.items():
            patch.setenv(name, value)
        code = run(arguments)
    return Done(code, out.getvalue(), err.getvalue())
