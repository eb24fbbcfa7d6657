"""A shop with few messages does not wait behind one with many, when both share a provider."""

import asyncio
from statistics import mean

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from channels.registry import build_channels
from core.contracts import channel_queue
from core.outgoing import guarded_client
from core.settings import Settings
from store.session import open_database
from tests.builders import THANKS, an_order
from tests.product import running_api
from tests.servers import SmtpServer
from worker.main import build_workers

_MANY, _FEW, _RATE = 40, 4, 20.0


async def test_a_small_shop_is_not_behind_a_large_one(
    live_settings: Settings, temporal_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> None:
    # one at a time, so that mails arrive in the order in which they were given out
    one_by_one = {"channel_rates": {"email": _RATE}, "worker_activities": 1}
    settings = live_settings.model_copy(update=one_by_one)
    channels, database = build_channels(settings), open_database(settings.database_url, pool_size=5)
    async with running_api(settings, temporal_env.client) as product, guarded_client(settings) as http:
        main, _, *senders = build_workers(temporal_env.client, database, settings, channels, http)
        async with main:
            await product.publish(THANKS)
            await product.post(*(an_order(storeId="large") for _ in range(_MANY)))
            await _waiting(temporal_env.client, _MANY)
            small = [an_order(storeId="small") for _ in range(_FEW)]
            await product.post(*small)
            await _waiting(temporal_env.client, _MANY + _FEW)
            for sender in senders:
                await sender.__aenter__()
            mails = list(await smtp_server.wait_for(_MANY + _FEW))
            for sender in senders:
                await sender.__aexit__(None, None, None)
    for channel in channels.values():
        await channel.close()
    await database.close()
    order = [mail["X-Envelope-To"] for mail in mails]
    places = sorted(order.index(one["email"]) for one in small)
    # without fairness all of them come last; with it they come first, as far as each partition of the queue has some
    assert mean(places) < len(order) / 2, f"the small shop's mails were at {places} of {len(order)}"


async def _waiting(client: Client, messages: int) -> None:
    """Until so many stand in the queue of the channel."""
    asked = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=channel_queue("email")),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        report_stats=True,
    )
    async with asyncio.timeout(60):
        while (await client.workflow_service.describe_task_queue(asked)).stats.approximate_backlog_count < messages:  # noqa: ASYNC110 - in Temporal
            await asyncio.sleep(0.2)
