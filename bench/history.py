"""How many events a run leaves in Temporal, counted in real histories."""

import asyncio
from uuid import uuid4

from temporalio.client import Client

from bench.bare import BARE_QUEUE, Nothing
from bench.bare_workflow import BareRun
from bench.installation import Installation
from core.contracts import AUTOMATION_ATTRIBUTE, ORDER_ATTRIBUTE
from tests.builders import DELIVERED_REVIEW, an_order

ONE_MESSAGE = "Thanks"
REVIEW = "Delivered, thank you and review request"
_SHORT_REVIEW = DELIVERED_REVIEW.replace('for: 14d, at: "10:00"', "for: 1s")
_SECONDS = 30.0
_POLL_SECONDS = 0.2


async def count_events(place: Installation) -> dict[str, int]:
    """Events of one run of each kind: bare, one-message and delivered-review, which it makes live, after a wait of 1 s.

    The one-message automation is live.
    """
    await place.publish(_SHORT_REVIEW)
    order = an_order()
    await place.post([order])
    bare = f"bare-{uuid4().hex}"
    await place.client.execute_workflow(BareRun.run, Nothing(), id=bare, task_queue=BARE_QUEUE)
    counts = {"bare": await _length(place.client, bare)}
    for automation in (ONE_MESSAGE, REVIEW):
        counts[automation] = await _length(
            place.client, await _finished_run(place.client, automation, order["externalOrderId"])
        )
    return counts


async def _finished_run(client: Client, automation: str, order: str) -> str:
    """Workflow id of the order's run, once it is done. Raises TimeoutError."""
    wanted = (
        f"{AUTOMATION_ATTRIBUTE.name} = '{automation}' AND {ORDER_ATTRIBUTE.name} = '{order}' "
        "AND ExecutionStatus = 'Completed'"
    )
    async with asyncio.timeout(_SECONDS):
        while True:
            async for one in client.list_workflows(wanted):
                return one.id
            await asyncio.sleep(_POLL_SECONDS)


async def _length(client: Client, workflow_id: str) -> int:
    return len((await client.get_workflow_handle(workflow_id).fetch_history()).events)
