"""The one way in which a message is sent again."""

from contextlib import suppress
from uuid import UUID

from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from core.contracts import QUEUE, Contract
from core.errors import UnavailableError

RESEND_WORKFLOW = "ResendMessage"


class Resend(Contract):
    """A message whose outcome was not known, to be sent again."""

    message_id: UUID
    run_id: UUID
    step_id: str
    channel: str


async def start_resend(client: Client, wanted: Resend) -> None:
    """Start it; a start that is under way is enough. Raises UnavailableError: then asking again is right."""
    try:
        with suppress(WorkflowAlreadyStartedError):
            await client.start_workflow(RESEND_WORKFLOW, wanted, id=f"resend/{wanted.message_id}", task_queue=QUEUE)
    except (RPCError, RuntimeError) as error:  # the SDK raises a bare RuntimeError when it cannot connect
        raise UnavailableError("Temporal does not answer; resolve the message again") from error
