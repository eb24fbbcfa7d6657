"""Errors as RFC 9457 `application/problem+json`.

Every problem has a stable `code` for programs, a `remedy` for people, and never text from inside. How errors become
problems:

Problem                  as it says
RequestValidationError   400 `invalid_request` with `errors`; 400 `not_json` for a body that is no JSON
HTTPException            its status, headers kept (405 has Allow); the code is the status's
NotFoundError            404 `not_found`
ConflictError            409 `conflict`
InvalidError             400 `invalid` with `field` (400, not 422: clients of the original API know only 400)
UnavailableError         503 `unavailable` with Retry-After
ClientDisconnect         400 `broken_off`, which nobody reads
anything else            500 `internal_error` with an `error_id` that stands in the log too
"""

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api.openapi_completion import PROBLEM_CONTENT
from core.document import dump_json
from core.errors import ConflictError, InvalidError, NotFoundError, OrdercueError, UnavailableError

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:ordercue:problem:"

_MAX_ERRORS = 20
_RETRY_AFTER_SECONDS = 5

_STATUSES = frozenset(HTTPStatus)

logger = logging.getLogger(__name__)


class Problem(Exception):  # noqa: N818 (the word of RFC 9457)
    """An answer that is an error; raise it anywhere below a route. `extra` are further members of its JSON object."""

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
        self.title = title or _phrase(status)
        self.detail = detail
        self.remedy = remedy
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    def document(self) -> dict[str, object]:
        """The answer's JSON object."""
        return self.extra | {
            "type": TYPE_PREFIX + self.code,
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "remedy": self.remedy,
        }

    def response(self) -> Response:
        """The answer."""
        return Response(_dump(self.document()), self.status, self.headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Make the app answer every error with a problem."""
    for kind in (Problem, RequestValidationError, HTTPException, OrdercueError, Exception):
        app.add_exception_handler(kind, _answer)


def problem_responses(descriptions: Mapping[int, str]) -> dict[int | str, dict[str, Any]]:  # Any: FastAPI's own type
    """The `responses` of a route whose errors are problems: status → when it comes."""
    return {status: {"description": words, "content": PROBLEM_CONTENT} for status, words in descriptions.items()}


def problem_of(error: Exception) -> Problem:
    """The problem that tells of this error. An unexpected one is logged, with the id that its problem carries."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _of_request(error)
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, ClientDisconnect):
        return Problem(400, "broken_off", "The client hung up.", remedy="Send the whole request again.")
    return _of_product(error) or _unexpected(error)


async def _answer(_: Request, error: Exception) -> Response:
    return problem_of(error).response()


def _of_request(error: RequestValidationError) -> Problem:
    found = error.errors()[:_MAX_ERRORS]
    if any(each["type"] == "json_invalid" for each in found):
        return Problem(400, "not_json", "The body is not JSON.", remedy="Send UTF-8 JSON.")
    errors = [
        {"in": str(each["loc"][0]), "field": ".".join(map(str, each["loc"][1:])), "message": each["msg"]}
        for each in found
    ]
    return Problem(
        400,
        "invalid_request",
        "The request does not fit its description.",
        remedy="Correct what `errors` names; the OpenAPI document describes each field.",
        extra={"errors": errors},
    )


_OF_STATUS = {
    400: ("bad_request", "Correct the request."),
    401: ("unauthorized", "Send a valid API key."),
    403: ("forbidden", "Use a key that has the scope."),
    404: ("not_found", "Compare the address with the OpenAPI document."),
    405: ("method_not_allowed", "Use a method that the Allow header lists."),
    413: ("body_too_large", "Split the request."),
    415: ("unsupported_media_type", "Send `Content-Type: application/json`."),
    429: ("too_many_requests", "Wait as long as Retry-After says."),
    503: ("unavailable", "Send the same request again later."),
}


def _of_http(error: HTTPException) -> Problem:
    status = error.status_code
    code, remedy = _OF_STATUS.get(status, (_name(status).lower(), "Correct the request."))
    return Problem(status, code, str(error.detail), remedy=remedy, headers=error.headers)


def _of_product(error: Exception) -> Problem | None:
    match error:
        case NotFoundError():
            return Problem(404, "not_found", f"{error}.", remedy="Check the id; what was deleted is gone.")
        case ConflictError():
            return Problem(409, "conflict", str(error), remedy="Read what is stored now, then decide again.")
        case InvalidError():
            extra = {"field": error.field} if error.field else {}
            return Problem(400, "invalid", str(error), remedy="Correct it and send the request again.", extra=extra)
        case UnavailableError():
            return Problem(
                503,
                "unavailable",
                "A server that this needs does not answer. Nothing of the request was accepted.",
                remedy="Send the same request again later.",
                headers={"Retry-After": str(_RETRY_AFTER_SECONDS)},
            )
        case _:
            return None


def _unexpected(error: Exception) -> Problem:
    error_id = str(uuid4())
    logger.error("unexpected error %s", error_id, exc_info=error)
    return Problem(
        500,
        "internal_error",
        "Something failed on our side.",
        remedy="Send the request again; if it fails again, tell the operator the error_id.",
        extra={"error_id": error_id},
    )


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in _STATUSES else "Error"


def _name(status: int) -> str:
    return HTTPStatus(status).name if status in _STATUSES else "error"


def _dump(document: Mapping[str, object]) -> bytes:
    try:
        return dump_json(document)
    except TypeError:  # half of a surrogate pair that the client sent; escaped it is JSON again
        return json.dumps(document, default=str).encode()
