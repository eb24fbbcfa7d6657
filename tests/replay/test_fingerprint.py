"""The test of fingerprints trips when a workflow asks for the same things in another order."""

from pathlib import Path
from uuid import uuid4

from temporalio import activity
from temporalio.client import WorkflowHistory
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker

from core.contracts import QUEUE, Batches, Decided, Dispatched
from core.temporal import DATA_CONVERTER
from tests.replay.fingerprint import commands, difference
from tests.replay.reordered import Reordered
from workflows.process_events import ProcessEvents

_NAME = "one_message.ProcessEvents"
_STORED = (Path(__file__).parent / "histories" / f"{_NAME}.json").read_text()


@activity.defn(name="match_contacts")
async def _match(_: Batches) -> None:
    pass


@activity.defn(name="decide")
async def _decide(_: Batches) -> Decided:
    return Decided(started=1, at_once=True)


@activity.defn(name="dispatch")
async def _dispatch(_: Batches) -> Dispatched:
    return Dispatched(started=1)


async def _recorded(environment: WorkflowEnvironment, kind: type[ProcessEvents | Reordered]) -> WorkflowHistory:
    async with Worker(environment.client, task_queue=QUEUE, workflows=[kind], activities=[_match, _decide, _dispatch]):
        batches = Batches(batch_ids=(uuid4(),))
        handle = await environment.client.start_workflow(
            "ProcessEvents", batches, id=f"p-{uuid4()}", task_queue=QUEUE, result_type=Dispatched
        )
        await handle.result()
        return await handle.fetch_history()


async def test_a_changed_order_of_commands_is_told_in_words(temporal_env: WorkflowEnvironment) -> None:
    stored = WorkflowHistory.from_json(_NAME, _STORED)
    kept = commands(stored)
    assert difference(_NAME, kept, commands(await _recorded(temporal_env, ProcessEvents))) is None
    told = difference(_NAME, kept, commands(await _recorded(temporal_env, Reordered)))
    assert told == (
        "one_message.ProcessEvents: command 1 was `core_local_activity match_contacts` and is now "
        "`core_local_activity decide`. Put the change behind workflow.patched() and keep a new history."
    )
    replayer = Replayer(workflows=[Reordered], data_converter=DATA_CONVERTER)
    result = await replayer.replay_workflow(stored, raise_on_replay_failure=False)
    assert result.replay_failure is not None


def test_a_command_too_many_or_too_few_is_told_as_well() -> None:
    assert difference("x", ["a"], ["a", "b"]) == (
        "x: command 2 was not there and is now `b`. Put the change behind workflow.patched() and keep a new history."
    )
    assert (difference("x", ["a", "b"], ["a"]) or "").startswith("x: command 2 was `b` and is not there now.")
