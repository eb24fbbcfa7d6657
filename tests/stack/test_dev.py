"""`ordercue dev`, from the first start to every kind of end."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.stack.conftest import passable_folder
from tests.stack.dev_process import DevProcess, dev

ORDER = {
    "externalOrderId": "A-1",
    "totalCost": 20,
    "status": "INITIALIZED",
    "date": "2026-01-02T10:00:00Z",
    "email": "anna@example.com",
}


@pytest.fixture
def data_dir(short_folder: Path) -> Path:
    return short_folder / "data"


@pytest.fixture(scope="module")
async def running() -> AsyncIterator[DevProcess]:
    """One stack for the tests that leave it as it is."""
    with passable_folder() as folder:
        async with dev(folder / "data") as stack:
            await stack.ready()
            yield stack


async def test_everything_answers_where_the_ready_file_says(running: DevProcess) -> None:
    ready = running.read_ready()
    assert running.ready_file.stat().st_mode & 0o777 == 0o600
    assert set(ready.pids) == {"postgres", "temporal", "mailbox", "worker", "api", "console"}
    assert all(psutil.pid_exists(pid) for pid in ready.pids.values())
    async with httpx.AsyncClient(trust_env=False) as http:
        for url in (f"{ready.api_url}/readyz", f"{ready.mailbox_url}/api/messages", ready.temporal_ui_url):
            assert (await http.get(url, follow_redirects=True)).is_success, url
    for address in (ready.smtp_address, ready.temporal_address):
        host, port = address.split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.close()
        await writer.wait_closed()


async def test_ctrl_c_in_the_terminal_reaches_the_parent_alone(running: DevProcess) -> None:
    ready = running.read_ready()
    assert os.getpgid(running.process.pid) not in {os.getpgid(pid) for pid in ready.pids.values()}


async def test_a_folder_in_use_is_one_clear_line(running: DevProcess) -> None:
    async with dev(running.data_dir, ready_file=running.data_dir / "other.json") as intruder:
        assert await intruder.ended() == 1
        assert f"in use by process {running.process.pid}" in intruder.output
        assert "Traceback" not in intruder.output


async def test_a_taken_port_is_one_clear_line(running: DevProcess, data_dir: Path) -> None:
    port = running.read_ready().api_url.rpartition(":")[2]
    async with dev(data_dir, f"--api-port={port}") as stack:
        assert await stack.ended() == 1
        assert f"port {port} is taken; choose another one with --api-port" in stack.output
        assert "Traceback" not in stack.output


@pytest.mark.parametrize(
    ("part", "number"), [("postgres", signal.SIGINT), ("migrate", signal.SIGTERM), ("api", signal.SIGHUP)]
)
async def test_a_signal_during_the_start_ends_it_with_all_its_parts(
    data_dir: Path, part: str, number: signal.Signals
) -> None:
    async with dev(data_dir) as stack:
        await stack.until((data_dir / "logs" / f"{part}.log").exists)
        stack.process.send_signal(number)
        assert await stack.ended() == 128 + number
        assert await stack.left_over(seconds=0.1) == []
        assert not stack.ready_file.exists()


@pytest.fixture
def dead_key(data_dir: Path) -> Path:
    data_dir.mkdir()
    path = data_dir / "api-key"
    path.write_text("key-of-a-database-that-is-gone")
    return path


async def test_a_stack_beside_another_one_replaces_a_dead_key_and_keeps_key_and_orders_over_impatient_ctrl_c(
    running: DevProcess, data_dir: Path, dead_key: Path
) -> None:
    neighbour = running.read_ready()
    async with dev(data_dir) as stack:
        first = await stack.ready()
        assert first.api_url != neighbour.api_url
        assert read_private(dead_key) == first.api_key != "key-of-a-database-that-is-gone"
        async with httpx.AsyncClient(trust_env=False, auth=("", first.api_key)) as http:
            answer = await http.post(f"{first.api_url}/api/v1/orders", json={"orders": [ORDER]})
            assert answer.json()["failedOrders"] == []
        for _ in range(5):
            stack.process.send_signal(signal.SIGINT)
            await asyncio.sleep(0.05)
        assert await stack.ended() == 0
        assert await stack.left_over(seconds=0.1) == []
        assert not stack.ready_file.exists()
        assert first.api_url in stack.output
        assert first.api_key in stack.output
    async with dev(data_dir) as stack:
        second = await stack.ready()
        assert second.api_key == first.api_key
        async with httpx.AsyncClient(trust_env=False, auth=("", second.api_key)) as http:
            assert (await http.get(f"{second.api_url}/api/v1/orders/A-1")).status_code == httpx.codes.OK
        stack.process.send_signal(signal.SIGTERM)
        assert await stack.ended() == 0
        assert await stack.left_over(seconds=0.1) == []
    assert running.read_ready() == neighbour
    assert all(psutil.pid_exists(pid) for pid in neighbour.pids.values())


async def test_a_service_that_dies_starts_again_and_a_server_that_dies_ends_the_stack(data_dir: Path) -> None:
    async with dev(data_dir) as stack:
        before = await stack.ready()
        os.kill(before.pids["worker"], signal.SIGKILL)
        await stack.until(lambda: stack.read_ready().pids["worker"] != before.pids["worker"])
        assert stack.read_ready().pids | {"worker": 0} == before.pids | {"worker": 0}
        os.kill(before.pids["postgres"], signal.SIGKILL)
        await _ended_by(stack, "PostgreSQL")
        assert "worker ended with exit code -9 and starts again in 1 s" in stack.output


async def test_a_killed_stack_does_not_hinder_the_next_and_temporals_death_ends_that(data_dir: Path) -> None:
    async with dev(data_dir) as stack:
        await stack.ready()
        stack.process.kill()
        await stack.ended()
        async with dev(data_dir, ready_file=data_dir / "again.json") as again:
            ready = await again.ready()
            assert stack.running() == []
            os.kill(ready.pids["temporal"], signal.SIGKILL)
            await _ended_by(again, "Temporal")


async def _ended_by(stack: DevProcess, name: str) -> None:
    """One line says so, and nothing is left."""
    assert await stack.ended() == 1
    assert f"{name} ended with exit code -9" in stack.output
    assert "Traceback" not in stack.output
    assert await stack.left_over() == []


def read_private(path: Path) -> str:
    """Content of a file that only its owner may read."""
    assert path.stat().st_mode & 0o777 == 0o600
    return path.read_text()
