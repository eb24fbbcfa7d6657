"""How a full pass that was asked for is getting on."""

from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowQueryFailedError
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from core.contracts import QUEUE, RECALCULATE_WORKFLOW, RECALCULATION_ID, Contract, Recalculation
from core.errors import UnavailableError

_PATIENCE = timedelta(seconds=5)


class PassProgress(Contract):
    """Of the pass of now, or of the last one that was asked for while Temporal keeps it."""

    state: str
    """`none`, `running`, `completed`, or how else it ended: `failed`, `terminated`, `timed_out`, `canceled`."""
    so_far: Recalculation | None = None
    """None when no worker answers."""

    def document(self) -> dict[str, Any]:  # Any: JSON
        """As people and machines are told."""
        found = self.so_far or Recalculation()
        counts = {name: getattr(found, name) for name in ("contacts", "total", "moved", "entered", "left")}
        return {"state": self.state} | (counts if self.so_far else {})


async def start_recalculation(client: Client, workflow_id: str = RECALCULATION_ID) -> None:
    """Start a full pass, or leave the one of this id to its work. Raises UnavailableError."""
    try:
        await client.start_workflow(
            RECALCULATE_WORKFLOW,
            Recalculation(),
            id=workflow_id,
            task_queue=QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
    except (RPCError, RuntimeError) as error:  # the SDK raises a bare RuntimeError when it cannot connect
        raise UnavailableError("Temporal does not answer") from error


async def recalculation_progress(client: Client) -> PassProgress:
    """What the pass has done so far, or came to. Raises UnavailableError."""
    handle = client.get_workflow_handle(RECALCULATION_ID, result_type=Recalculation)
    try:
        status = (await handle.describe()).status
        if status is WorkflowExecutionStatus.COMPLETED:
            return PassProgress(state="completed", so_far=await handle.result())
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return PassProgress(state="none")
        raise UnavailableError("Temporal does not answer") from error
    except RuntimeError as error:  # as above
        raise UnavailableError("Temporal does not answer") from error
    if status is not WorkflowExecutionStatus.RUNNING:
        return PassProgress(state=status.name.lower() if status else "none")
    try:
        so_far = await handle.query("progress", result_type=Recalculation, rpc_timeout=_PATIENCE)
    except (RPCError, WorkflowQueryFailedError):  # no worker answers at the moment
        return PassProgress(state="running")
    return PassProgress(state="running", so_far=so_far)
