"""Errors as RFC 9457 `application/problem+json`.

Every problem has a stable `code` for programs, a `remedy` for people, and never text from inside. Clients branch on
`code` and `status` alone. How errors of the product map:

NotFoundError 404 `not_found` · ConflictError 409 `conflict` · InvalidError 422 `invalid` (the JSON was readable, its
meaning is wrong; 400 is for a body or a query that cannot be read) · UnavailableError 503 `unavailable` ·
anything else 500 `internal_error` with an `error_id` that the log has too.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from core.document import dump_json
from core.errors import ConflictError, InvalidError, NotFoundError, OrdercueError, UnavailableError

MEDIA_TYPE = "application/problem+json"
PROBLEM_TYPE = "urn:ordercue:problem:"

logger = logging.getLogger(__name__)


class Problem(Exception):  # noqa: N818 (the word of RFC 9457)
    """An answer that is an error. Raise it anywhere below a route."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        remedy: str,
        title: str | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.title = title or HTTPStatus(status).phrase
        self.detail = detail
        self.remedy = remedy
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    def document(self) -> dict[str, object]:
        """The members of the answer's JSON object."""
        return {
            "type": PROBLEM_TYPE + self.code,
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "remedy": self.remedy,
            **self.extra,
        }

    def response(self) -> Response:
        """The answer."""
        return Response(dump_json(self.document()), self.status, self.headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make the app answer every error with a problem."""
    app.add_exception_handler(Problem, _answer)
    app.add_exception_handler(RequestValidationError, _answer)
    app.add_exception_handler(HTTPException, _answer)
    app.add_exception_handler(OrdercueError, _answer)
    app.add_exception_handler(Exception, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    return problem_of(error, method=request.method, path=request.url.path).response()


def problem_of(error: Exception, *, method: str = "", path: str = "") -> Problem:
    """The problem that tells of this error; an unexpected one is logged with the id that the answer carries."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _of_request(error)
    if isinstance(error, HTTPException):
        return _of_http(error)
    return _of_product(error) or _unexpected(error, method, path)


def _of_product(error: Exception) -> Problem | None:
    match error:
        case NotFoundError():
            return Problem(404, "not_found", str(error), remedy="Check the id; what was deleted is gone.")
        case ConflictError():
            return Problem(409, "conflict", str(error), remedy="Read the present state, then decide again.")
        case InvalidError():
            extra = {"field": error.field} if error.field else {}
            return Problem(422, "invalid", str(error), remedy="Correct the field and send again.", extra=extra)
        case UnavailableError():
            return unavailable()
        case _:
            return None


def unavailable(*, retry_after_seconds: int = 5) -> Problem:
    """503: a server that we depend on is away; nothing of the request was accepted."""
    return Problem(
        503,
        "unavailable",
        "A server that this needs does not answer. Nothing of the request was accepted.",
        remedy="Send the same request again later.",
        headers={"Retry-After": str(retry_after_seconds)},
    )


def _of_request(error: RequestValidationError) -> Problem:
    errors: list[dict[str, Any]] = [  # Any: RequestValidationError is not typed
        {"field": ".".join(map(str, each["loc"][1:])) or str(each["loc"][0]), "message": each["msg"]}
        for each in error.errors()[:20]
    ]
    return Problem(
        400,
        "invalid_request",
        "The request does not fit its description.",
        remedy="Correct the fields in `errors`; the OpenAPI document describes them.",
        extra={"errors": errors},
    )


_HTTP_CODES = {
    400: ("bad_request", "Correct the request."),
    401: ("unauthorized", "Send a valid API key."),
    403: ("forbidden", "Use a key that has the scope."),
    404: ("not_found", "Check the address against the OpenAPI document."),
    405: ("method_not_allowed", "Use a method that the Allow header lists."),
    413: ("body_too_large", "Send fewer orders a request."),
    415: ("unsupported_media_type", "Send `Content-Type: application/json`."),
    429: ("too_many_requests", "Wait as long as Retry-After says."),
    503: ("unavailable", "Send the same request again later."),
}


def _of_http(error: HTTPException) -> Problem:
    status = HTTPStatus(error.status_code)
    code, remedy = _HTTP_CODES.get(error.status_code, (status.name.lower(), "Correct the request."))
    return Problem(status.value, code, str(error.detail), remedy=remedy, headers=error.headers)


def _unexpected(error: Exception, method: str, path: str) -> Problem:
    error_id = str(uuid4())
    logger.error("unexpected error %s at %s %s", error_id, method, path, exc_info=error)
    return Problem(
        500,
        "internal_error",
        "Something failed on our side.",
        remedy="Send the request again; if it fails again, tell the operator the error_id.",
        extra={"error_id": error_id},
    )
