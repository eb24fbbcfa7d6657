"""Requests without parameters to the busiest route go to it directly."""

from collections.abc import Awaitable, Callable

from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from api.problems import problem_of


class ShortWay:
    """For one route whose parameters are all optional, and absent from most of its requests.

    FastAPI's matching of routes, resolving of parameters and layers around them take longer than reading, checking and
    recording one order, so requests that have none skip them. The route is FastAPI's like every other: it documents
    the endpoint, and takes the requests with parameters. Errors become the same problems on both ways.
    """

    def __init__(
        self, *, method: str, path: str, endpoint: Callable[[Request], Awaitable[Response]], header: str
    ) -> None:
        """`header` is the only one that the endpoint has as a parameter."""
        self._way = (method, path, b"")
        self._endpoint = endpoint
        self._header = header.lower().encode()

    def leads(self, scope: Scope) -> bool:
        """Whether the request is for the route and has no parameter."""
        if scope["type"] != "http" or (scope["method"], scope["path"], scope["query_string"]) != self._way:
            return False
        return all(name != self._header for name, _ in scope["headers"])

    async def take(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that it leads."""
        try:
            answer = await self._endpoint(Request(scope, receive))
        except Exception as error:  # noqa: BLE001 # whatever it is, it is an answer
            answer = problem_of(error).response()
        await answer(scope, receive, send)
