"""How one sees that the services of the stack answer."""

from collections.abc import Awaitable, Callable

import httpx
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from cli.stack_ready import Ready
from core.contracts import QUEUE
from core.errors import UnavailableError

_REQUEST_SECONDS = 5.0


async def probes(where: Ready) -> dict[str, tuple[int | None, Callable[[], Awaitable[bool]]]]:
    """For each service the port that it listens on, if any, and how to see that it answers."""
    temporal = await Client.connect(where.temporal_address)
    return {
        "mailbox": (port_of(where.mailbox_url), lambda: _is_ok(f"{where.mailbox_url}/api/messages")),
        "worker": (None, lambda: _has_worker(temporal)),
        "console": (port_of(where.console_url), lambda: _is_ok(f"{where.console_url}/healthz")),
        "api": (port_of(where.api_url), lambda: _is_ok(f"{where.api_url}/readyz")),
    }


def port_of(address: str) -> int:
    """The port at the end of a URL or host:port."""
    return int(address.rpartition(":")[2])


async def opens(api_url: str, key: str) -> bool:
    """Whether the API knows the key: an order that does not exist is not found, rather than forbidden.

    Raises UnavailableError when the API does not answer.
    """
    try:
        async with httpx.AsyncClient(timeout=_REQUEST_SECONDS, trust_env=False) as http:
            answer = await http.get(f"{api_url}/api/v1/orders/-", headers={"Authorization": f"Bearer {key}"})
    except httpx.HTTPError as error:
        msg = f"the API answers no more at {api_url}"
        raise UnavailableError(msg) from error
    return answer.status_code not in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}


async def _is_ok(url: str) -> bool:
    try:
        async with httpx.AsyncClient(timeout=_REQUEST_SECONDS, trust_env=False) as http:
            return (await http.get(url)).is_success
    except httpx.HTTPError:
        return False


async def _has_worker(client: Client) -> bool:
    """Whether a worker asks for work; Temporal's memory of that does not outlive its process."""
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    return bool(answer.pollers)
