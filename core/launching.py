"""The one way in which a run's workflow is started, so that people find it under the same names."""

from contextlib import suppress

from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from core.contracts import (
    AUTOMATION_ATTRIBUTE,
    EVENT_ATTRIBUTE,
    ORDER_ATTRIBUTE,
    QUEUE,
    RUN_WORKFLOW,
    TEST_ATTRIBUTE,
    Launch,
    automation_run_id,
)


async def start_run(client: Client, launch: Launch, *, event_type: str) -> None:
    """Start the workflow of a run. One that exists already is left alone, so doing so twice is harmless."""
    attributes = [
        SearchAttributePair(AUTOMATION_ATTRIBUTE, launch.automation),
        SearchAttributePair(EVENT_ATTRIBUTE, event_type),
    ]
    if launch.order is not None:
        attributes.append(SearchAttributePair(ORDER_ATTRIBUTE, launch.order))
    if launch.test:
        attributes.append(SearchAttributePair(TEST_ATTRIBUTE, "TEST"))
    words = ["TEST"] if launch.test else []
    words += [launch.automation, event_type]
    words += [f"order {launch.order}"] if launch.order is not None else []
    with suppress(WorkflowAlreadyStartedError):  # by the attempt before this one
        await client.start_workflow(
            RUN_WORKFLOW,
            launch,
            id=automation_run_id(launch.run_id),
            task_queue=QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=TypedSearchAttributes(attributes),
            static_summary=" · ".join(words),
            request_eager_start=True,  # a worker that dispatches may take its first task with the answer
        )
