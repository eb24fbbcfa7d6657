"""/api/v1/orders."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api.deps import READS_ORDERS, DeletesOrders, Historical, ServicesDep, key_with, read_json_body, services_of
from api.intake import accept_orders
from api.once import REPLAYED, IdempotencyKey, claim_of
from api.openapi import JSON, json_body
from api.order_deletion import DeletionQuery, DeletionStarted, start_deletion
from api.order_list import OrderQuery, OrdersPage, StoredOrder, order_document, page_document
from api.problems import Problem, problem_responses
from api.story import tell
from api.story_out import Timeline
from api.wire.answer import OrdersAnswer
from api.wire.body import read_body
from api.wire.order import OrdersIn
from core.document import dump_json
from store.keys import Scope
from store.orders import find_order, list_orders, order_columns
from store.timeline import load_timeline

router = APIRouter(prefix="/api/v1/orders", tags=["orders"])

ExternalOrderId = Annotated[str, Path(description="The shop's id of the order; it may hold slashes.")]

_ACCESS = {
    401: "No key, or one that is not known.",
    403: "The key lacks the scope.",
    503: "The database is away; nothing was accepted.",
}
_WRITE_PROBLEMS = problem_responses(
    _ACCESS
    | {
        400: "Not JSON, no orders, or more than 1000.",
        409: "The Idempotency-Key came with another request before, or its request is still being worked on.",
        413: "The body is over the limit.",
        415: "The body is not sent as JSON.",
    }
)
_REPLAYED_HEADER: dict[int | str, dict[str, Any]] = {  # Any: FastAPI's own type
    200: {
        "headers": {
            REPLAYED: {
                "description": "The Idempotency-Key came before: this is the answer of then, and nothing was done.",
                "schema": {"type": "string", "enum": ["true"]},
            }
        }
    }
}
_WRITE_PROBLEMS[409]["headers"] = {
    "Retry-After": {
        "description": "Of `idempotency_in_progress`: seconds to wait.",
        "schema": {"type": "integer", "minimum": 0},
    }
}
_HISTORICAL, _NEAR = "historical", 0.75
"""The parameter of POST, and how much of it makes another name a slip of it."""
_LIST_PROBLEMS = problem_responses(_ACCESS | {400: "A parameter that is wrong or not known."})
_DELETE_PROBLEMS = problem_responses(_ACCESS | {400: "Neither an order nor a range of at most 24 hours."})
_READ_PROBLEMS = problem_responses(_ACCESS | {404: "No such order."})


@router.post(
    "",
    response_model=OrdersAnswer,
    responses=_WRITE_PROBLEMS | _REPLAYED_HEADER,
    openapi_extra=json_body(OrdersIn),
)
async def post_orders(
    request: Request,
    historical: Historical = False,  # noqa: FBT002 (a query parameter)
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Accept 1 to 1000 orders. Each is checked on its own; what is accepted is stored before the answer.

    With an Idempotency-Key the same request within 24 hours gets the same answer, with `Idempotency-Replayed: true`,
    and does nothing. Of two at once one does the work and the other waits for its answer, at most 5 seconds.
    """
    # Called directly, not as dependencies: resolving these takes longer than all that they do.
    services = services_of(request)
    _refuse_misspelt(request.query_params)
    key = await key_with(Scope.ORDERS_IMPORT if historical else Scope.ORDERS_WRITE, request, services)
    body = await read_json_body(request, services)
    once = claim_of(key, idempotency_key, body, historical=historical)
    accepted = await accept_orders(
        services, read_body(body), source=f"api:{key.prefix}", historical=historical, once=once
    )
    headers = {REPLAYED: "true"} if accepted.replayed else None
    if key.legacy_empty_body and accepted.all_accepted:
        return Response(status_code=200, headers=headers)
    return Response(accepted.answer, headers=headers, media_type=JSON)


def _refuse_misspelt(given: Iterable[str]) -> None:
    """Parameters that nobody knows are left alone, as the original API does. But `historcal` would let the past act."""
    for name in given:
        if name != _HISTORICAL and get_close_matches(name.lower(), (_HISTORICAL,), cutoff=_NEAR):
            raise Problem(
                400,
                "unknown_parameter",
                f"there is no parameter {name!r}; nothing was accepted",
                remedy=f"write {_HISTORICAL}=true",
            )


@router.get("", response_model=OrdersPage, responses=_LIST_PROBLEMS, dependencies=[READS_ORDERS])
async def get_orders(services: ServicesDep, query: Annotated[OrderQuery, Query()]) -> Response:
    """Orders by date, newest first, a page at a time; follow `nextCursor` with the same filters."""
    wanted, after = query.filter(services.rules), query.place()
    async with services.database.transaction() as session:
        rows = await list_orders(session, wanted, after=after, limit=query.limit + 1)
    return Response(dump_json(page_document(rows, query.limit)), media_type=JSON)


@router.delete("", status_code=202, responses=_DELETE_PROBLEMS)
async def delete_orders(
    services: ServicesDep, key: DeletesOrders, query: Annotated[DeletionQuery, Query()]
) -> DeletionStarted:
    """Delete one order, or those of a range of dates of at most 24 hours, in the background.

    Their runs are stopped with that reason. Messages keep their ledger rows without content.
    """
    return await start_deletion(services.client, query.deletion(f"key:{key.prefix}"))


@router.get(
    "/{external_order_id:path}/timeline", response_model=Timeline, responses=_READ_PROBLEMS, dependencies=[READS_ORDERS]
)
async def get_timeline(services: ServicesDep, external_order_id: ExternalOrderId) -> Response:
    """Every event, decision, run and message of an order in time order, each with its reason."""
    async with services.database.transaction() as session:
        order = await find_order(session, external_order_id)
        timeline = await load_timeline(session, order.id)
    story = {"externalOrderId": external_order_id, "orderId": order.id, "entries": tell(timeline)}
    return Response(dump_json(story), media_type=JSON)


@router.get(
    "/{external_order_id:path}", response_model=StoredOrder, responses=_READ_PROBLEMS, dependencies=[READS_ORDERS]
)
async def get_order(services: ServicesDep, external_order_id: ExternalOrderId) -> Response:
    """One order as it is now, in the fields of the request and ours."""
    async with services.database.transaction() as session:
        order = await find_order(session, external_order_id)
    return Response(dump_json(order_document(order_columns(order))), media_type=JSON)
