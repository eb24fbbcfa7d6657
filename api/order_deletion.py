"""What DELETE /api/v1/orders is asked to delete, and its start in Temporal."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel
from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from api.problems import Problem
from api.wire.dates import in_utc, read_moment
from core.contracts import DELETE_ORDERS_WORKFLOW, QUEUE, delete_orders_id
from core.errors import UnavailableError
from core.upkeep import OrderDeletion

LONGEST = timedelta(hours=24)
_PATIENCE = timedelta(seconds=5)
_Plain = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00]*$")]


class DeletionQuery(BaseModel):
    """The parameters: one order, or a range of dates."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    external_order_id: _Plain | None = Field(None, description="The one order to delete.")
    since: _Plain | None = Field(None, alias="from", description="Orders dated then or later: ISO 8601, UTC.")
    until: _Plain | None = Field(None, alias="to", description="And earlier than this, at most 24 hours later.")

    def deletion(self, actor: str) -> OrderDeletion:
        """What to delete. Raises Problem 400."""
        now = datetime.now(UTC)
        if self.external_order_id is not None:
            if self.since or self.until:
                raise _wrong("ambiguous", "Both externalOrderId and a range are given.", "Give one of the two.")
            return OrderDeletion(actor=actor, requested_at=now, external_order_id=self.external_order_id)
        if self.since is None or self.until is None:
            raise _wrong(
                "nothing_to_delete",
                "Neither externalOrderId nor both `from` and `to` are given.",
                "Give externalOrderId, or `from` and `to`.",
            )
        since, until = _moment("from", self.since), _moment("to", self.until)
        if since >= until:
            raise _wrong("empty_range", "`from` is not before `to`.", "Give an earlier `from`.", field="from")
        if until - since > LONGEST:
            raise _wrong("range_too_long", "The range is longer than 24 hours.", "Split it.", field="to")
        return OrderDeletion(actor=actor, requested_at=now, since=since, until=until)


class DeletionStarted(BaseModel):
    """The deletion goes on by itself."""

    id: UUID = Field(description="The deletion; the same one is not started twice while it goes on.")


async def start_deletion(client: Client, wanted: OrderDeletion) -> DeletionStarted:
    """Have it done. Raises UnavailableError, and then nothing happens."""
    request_id = uuid5(NAMESPACE_URL, f"{wanted.external_order_id} {wanted.since} {wanted.until}")
    try:
        await client.start_workflow(
            DELETE_ORDERS_WORKFLOW,
            wanted,
            id=delete_orders_id(request_id),
            task_queue=QUEUE,
            rpc_timeout=_PATIENCE,
        )
    except WorkflowAlreadyStartedError:
        pass
    except (RPCError, RuntimeError) as error:  # the SDK raises a bare RuntimeError when it cannot connect
        raise UnavailableError("Temporal does not answer") from error
    return DeletionStarted(id=request_id)


def _moment(field: str, text: str) -> datetime:
    try:
        return in_utc(read_moment(text), UTC)
    except (ValidationError, ValueError):
        raise _wrong(
            "invalid_date", f"`{field}` is no date.", "Write ISO 8601, such as 2026-05-14T00:00:00Z.", field=field
        ) from None


def _wrong(code: str, detail: str, remedy: str, field: str | None = None) -> Problem:
    return Problem(400, code, detail, remedy=remedy, extra={"field": field} if field else {})
