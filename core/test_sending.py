"""The one way in which a template is sent as a test."""

from datetime import timedelta
from uuid import UUID

from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError

from core.contracts import QUEUE, TEST_ATTRIBUTE, Contract
from core.errors import UnavailableError

SEND_TEST_WORKFLOW = "SendTest"
_PATIENCE = timedelta(seconds=5)


class TestSend(Contract):
    """A row of template_test, and the channel that it is for."""

    __test__ = False  # no test of pytest's

    test_id: UUID
    channel: str


def send_test_id(test_id: UUID) -> str:
    """One workflow for each test."""
    return f"template-test/{test_id}"


async def start_test_send(client: Client, wanted: TestSend, *, template: str) -> None:
    """Start it. Raises UnavailableError: then nothing was started."""
    try:
        await client.start_workflow(
            SEND_TEST_WORKFLOW,
            wanted,
            id=send_test_id(wanted.test_id),
            task_queue=QUEUE,
            search_attributes=TypedSearchAttributes([SearchAttributePair(TEST_ATTRIBUTE, "TEST")]),
            static_summary=f"TEST · template {template}",
            rpc_timeout=_PATIENCE,
        )
    except (RPCError, RuntimeError) as error:  # the SDK raises a bare RuntimeError when it cannot connect
        raise UnavailableError("Temporal does not answer; the test was not sent") from error
