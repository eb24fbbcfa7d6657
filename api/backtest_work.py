"""Backtests as HTTP and the console ask for them: a workflow is started, then looked at until it is done."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.service import RPCError, RPCStatusCode

from automation.definition import Definition
from core.backtests import BACKTEST_WORKFLOW, BacktestAsked, BacktestProgress, BacktestReport, backtest_id
from core.contracts import QUEUE
from core.errors import InvalidError, NotFoundError, UnavailableError

_PATIENCE = timedelta(seconds=5)
_NOTHING_YET = BacktestProgress()


@dataclass(frozen=True, slots=True)
class BacktestSeen:
    """How it stands: `running` with its progress, `done` with its report, `failed` with why."""

    state: str
    progress: BacktestProgress = _NOTHING_YET
    report: BacktestReport | None = None
    detail: str = ""

    def document(self) -> dict[str, Any]:  # JSON
        """As the API tells it."""
        if self.report is not None:
            return {"state": self.state, "report": self.report.model_dump(mode="json", by_alias=True)}
        if self.state == "running":
            return {"state": self.state, "progress": self.progress.model_dump()}
        return {"state": self.state, "detail": self.detail}


def check_backtest(definition: Definition) -> None:
    """Raises InvalidError for what no event starts."""
    if not definition.start.event:
        raise InvalidError("an automation that starts from a segment cannot be backtested", field="start.segment")


async def start_backtest(client: Client, asked: BacktestAsked) -> UUID:
    """Its number. Raises UnavailableError without Temporal."""
    number = uuid4()
    try:
        await client.start_workflow(
            BACKTEST_WORKFLOW,
            asked,
            id=backtest_id(number),
            task_queue=QUEUE,
            rpc_timeout=_PATIENCE,
            static_summary=f"backtest of {asked.definition['name']}",
        )
    except (RPCError, RuntimeError) as error:
        raise UnavailableError("Temporal does not answer") from error
    return number


async def look_at_backtest(client: Client, number: UUID) -> BacktestSeen:
    """How it stands now. Raises NotFoundError, UnavailableError."""
    try:
        return await _look(client, number)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise NotFoundError("backtest", str(number)) from error
        raise UnavailableError("Temporal does not answer") from error


async def _look(client: Client, number: UUID) -> BacktestSeen:
    handle = client.get_workflow_handle(backtest_id(number), result_type=BacktestReport)
    described = await handle.describe(rpc_timeout=_PATIENCE)
    if described.status is WorkflowExecutionStatus.RUNNING:
        progress = BacktestProgress()
        for pending in described.raw_description.pending_activities:
            for payload in pending.heartbeat_details.payloads:
                progress = (await client.data_converter.decode([payload], [BacktestProgress]))[0]
        return BacktestSeen("running", progress)
    try:
        return BacktestSeen("done", report=await handle.result(rpc_timeout=_PATIENCE))
    except WorkflowFailureError as error:
        cause = getattr(error.cause, "cause", None) or error.cause
        return BacktestSeen("failed", detail=getattr(cause, "message", "it failed"))
