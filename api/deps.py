"""What routes ask for, as annotated types."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Query, Request

from api.key_ring import require
from api.problems import Problem
from api.services import Services
from store.keys import Scope
from store.tables import ApiKey


def services_of(request: Request) -> Services:
    """The process's services."""
    found: Services = request.app.state.services
    return found


async def _services(request: Request) -> Services:  # FastAPI calls what is not asynchronous in a thread
    return services_of(request)


ServicesDep = Annotated[Services, Depends(_services)]


async def key_with(scope: Scope, request: Request, services: Services) -> ApiKey:
    """The key that calls. Raises Problem 401, 403 without the scope, 429."""
    row = await services.keys.identify(request.headers.get("authorization"))
    require(row, scope)
    return row


def _key_with(scope: Scope) -> Callable[[Request, Services], Awaitable[ApiKey]]:
    async def key(request: Request, services: ServicesDep) -> ApiKey:
        return await key_with(scope, request, services)

    return key


Historical = Annotated[
    bool,
    Query(
        description="Orders of the past: stored and counted, nothing starts or stops. Needs the scope `orders:import`."
    ),
]


READS_ORDERS = Depends(_key_with(Scope.ORDERS_READ))
"""For `dependencies` of routes that need the scope and not the key."""

DeletesOrders = Annotated[ApiKey, Depends(_key_with(Scope.ORDERS_WRITE))]
ContactsKey = Annotated[ApiKey, Depends(_key_with(Scope.CONTACTS))]
EventsKey = Annotated[ApiKey, Depends(_key_with(Scope.EVENTS))]
AdminKey = Annotated[ApiKey, Depends(_key_with(Scope.ADMIN))]
AutomationsKey = Annotated[ApiKey, Depends(_key_with(Scope.AUTOMATIONS))]
"""A key that may work with automations."""


async def read_json_body(request: Request, services: ServicesDep) -> bytes:
    """The body of a request that says that it is JSON."""
    require_json(request)
    return await read_bytes(request, services.settings.max_body_bytes)


def require_json(request: Request) -> None:
    """Raise Problem 415 for a body that says that it is something else."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise Problem(
            415, "not_json_type", f"the body is sent as {kind}", remedy="send it as Content-Type: application/json"
        )


async def read_bytes(request: Request, limit: int) -> bytes:
    """The request's body, refused while it is read once it is over the limit."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise Problem(413, "body_too_large", f"the body is over {limit} bytes", remedy="send less in one request")
    return bytes(body)


JsonBody = Annotated[bytes, Depends(read_json_body)]
