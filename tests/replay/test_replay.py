"""Stored histories, and fresh ones of the same situations, replay with the code of today.

Record a missing or new one with `pytest tests/replay --record`.
"""

import re
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from core.temporal import DATA_CONVERTER
from tests.product import Product
from tests.replay.fingerprint import commands, difference
from tests.replay.situations import SITUATIONS
from worker.main import WORKFLOWS

_HISTORIES = Path(__file__).parent / "histories"


_STORED = {path.stem: path.read_text() for path in sorted(_HISTORIES.glob("*.json"))}


@pytest.mark.parametrize("name", _STORED)
async def test_a_stored_history_replays(name: str) -> None:
    history = WorkflowHistory.from_json(name, _STORED[name])
    await Replayer(workflows=WORKFLOWS, data_converter=DATA_CONVERTER).replay_workflow(history)


@pytest.mark.parametrize("name", SITUATIONS)
async def test_every_situation_has_its_stored_histories(
    name: str, product: Product, pytestconfig: pytest.Config
) -> None:
    """The situation happens for real; its commands are those of the stored histories, or it is recorded."""
    await SITUATIONS[name](product)
    fresh = {}
    async for execution in product.client.list_workflows():
        handle = product.client.get_workflow_handle(execution.id, run_id=execution.run_id)
        if (await handle.describe()).close_time is None:
            await handle.result()
        fresh.setdefault(f"{name}.{execution.workflow_type}", await handle.fetch_history())
    for file, history in fresh.items():
        await Replayer(workflows=WORKFLOWS, data_converter=DATA_CONVERTER).replay_workflow(history)
        stored = _HISTORIES / f"{file}.json"
        if pytestconfig.getoption("record") and not stored.exists():
            stored.write_text(re.sub(r'"identity": "[^"]*"', '"identity": "recorder"', history.to_json()))
        assert stored.exists(), f"record it: pytest tests/replay --record ({stored.name})"
        kept = commands(WorkflowHistory.from_json(file, stored.read_text()))
        changed = difference(file, kept, commands(history))
        assert changed is None, changed
