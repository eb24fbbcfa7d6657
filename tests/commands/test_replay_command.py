"""`ordercue replay` against a real Temporal: quiet when all is well, exit code 1 with a report when it is not."""

from datetime import timedelta

import anyio
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from cli.replay_sample import chosen
from tests.builders import DELIVERED_REVIEW, THANKS, an_order
from tests.product import Product
from tests.shell import Shell


async def _listed(client: Client, count: int) -> None:
    """Until visibility, which lags behind, knows of so many."""
    with anyio.fail_after(20):
        while len([one async for one in client.list_workflows()]) < count:  # noqa: ASYNC110 - over the network
            await anyio.sleep(0.1)


async def test_open_and_closed_histories_replay(product: Product, shell: Shell) -> None:
    await product.publish(THANKS)
    await product.publish(DELIVERED_REVIEW)
    order = an_order()
    await product.post(order)
    await product.wait_for(order, "run", lambda runs: {one["state"] for one in runs} == {"done", "waiting"})
    await _listed(product.client, 3)
    done = await shell.run("replay", "--all", "--json")
    assert done.code == 0, done.err
    report = done.json
    assert (report["replayed"], report["failed"]) == (3, [])
    assert "AutomationRun · Thanks · closed" in report["kinds"]


async def test_a_history_of_unknown_code_fails_and_says_which(product: Product, shell: Shell) -> None:
    """A workflow that is not there any more."""
    await product.client.start_workflow("Forgotten", id="forgotten/1", task_queue="nobody")
    await _listed(product.client, 1)
    done = await shell.run("replay")
    assert done.code == 1
    assert "forgotten/1" in done.out
    assert "Do not deploy" in done.out


async def test_a_sample_has_histories_of_each_age(temporal_env: WorkflowEnvironment) -> None:
    """Were it the newest of all, the run that has slept for a week would not be among them."""
    client, began = temporal_env.client, []
    for name in ("old", "young", "younger"):
        await client.start_workflow("Sleeper", id=name, task_queue="nobody")
        began.append((await client.get_workflow_handle(name).describe()).start_time)
        await anyio.sleep(0.01)
    await _listed(client, 3)
    now = began[1] + timedelta(days=7)
    told = {one.id: kind async for one, kind in chosen(client, sample=1, days=7, now=now - timedelta(milliseconds=5))}
    assert told == {"old": "Sleeper · open 7+ days", "younger": "Sleeper · open 1+ days"}
    everything = [one.id async for one, _ in chosen(client, sample=None, days=7, now=now)]
    assert sorted(everything) == ["old", "young", "younger"]
