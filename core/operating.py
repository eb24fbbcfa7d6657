"""What operators ask of a run that is under way, through its workflow."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError, RPCStatusCode

from core.contracts import MOVE_WAIT_UPDATE, automation_run_id
from core.errors import ConflictError, UnavailableError
from core.waiting import MoveWait

_PATIENCE = timedelta(seconds=10)


async def move_wait(client: Client, run_id: UUID, to: datetime | None) -> datetime:
    """Let a waiting run go on at a moment, or at once; gives back when it goes on.

    Raises ConflictError when the run does not wait, UnavailableError when Temporal or every worker is away.
    """
    handle = client.get_workflow_handle(automation_run_id(run_id))
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            due_at: datetime = await handle.execute_update(MOVE_WAIT_UPDATE, MoveWait(to=to), result_type=datetime)
            return due_at
    except WorkflowUpdateFailedError as error:
        raise ConflictError(f"run {run_id}: {error.cause}") from error
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
        raise UnavailableError("no worker answers; the wait is as it was, or is moved when one comes back") from error
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise ConflictError(f"run {run_id} does not wait: it has ended, or has not begun") from error
        raise UnavailableError("Temporal does not answer") from error
    except RuntimeError as error:  # the SDK raises a bare RuntimeError when it cannot connect
        raise UnavailableError("Temporal does not answer") from error
