"""Errors as a client sees them, through a real app."""

import logging
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated

import pytest
from fastapi import FastAPI, HTTPException, Query
from httpx import ASGITransport, AsyncClient, Response
from pydantic import BaseModel

from api.openapi_completion import PROBLEM_REFERENCE
from api.problems import Problem, install, problem_responses
from api.wire.answer import ProblemOut
from core.errors import (
    ConfigurationError,
    ConflictError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)

SECRET = "postgresql://user:hunter2@10.0.0.7/db"

RAISED: dict[str, Exception] = {
    "problem": Problem(
        402, "unpaid", "The bill is open.", remedy="Pay.", headers={"X-Bill": "7"}, extra={"amount": 3, "status": 0}
    ),
    "not-found": NotFoundError("order", "A-1"),
    "conflict": ConflictError("The version is published already."),
    "invalid": InvalidError("weight must be positive", field="steps[0].weight"),
    "unavailable": UnavailableError(f"no answer from {SECRET}"),
    "configuration": ConfigurationError(f"bad {SECRET}"),
    "unexpected": RuntimeError(f"cannot reach {SECRET}"),
    "http": HTTPException(429, "Slower.", headers={"Retry-After": "3"}),
    "teapot": HTTPException(418),
    "unknown-status": HTTPException(499, "Odd."),
    "surrogate": InvalidError("\ud800 is no name", field="\ud800"),
}


class Body(BaseModel):
    count: int


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    app = FastAPI()
    install(app)

    @app.get("/raise/{name}", responses=problem_responses({404: "No such thing."}))
    async def fail(name: str) -> None:
        raise RAISED[name]

    @app.post("/body")
    async def take(body: Body, limit: Annotated[int, Query(le=10)] = 1) -> int:
        return body.count + limit

    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://api.example.com") as client:
        yield client


def problem(response: Response) -> ProblemOut:
    """The problem of an answer, in which everything that every problem has is right."""
    assert response.headers["content-type"] == "application/problem+json"
    found = ProblemOut.model_validate_json(response.content)
    assert found.status == response.status_code
    assert found.type == f"urn:ordercue:problem:{found.code}"
    assert found.title
    assert found.remedy
    assert SECRET not in response.text
    return found


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("problem", 402, "unpaid"),
        ("not-found", 404, "not_found"),
        ("conflict", 409, "conflict"),
        ("invalid", 400, "invalid"),
        ("unavailable", 503, "unavailable"),
        ("configuration", 500, "internal_error"),
        ("unexpected", 500, "internal_error"),
        ("http", 429, "too_many_requests"),
        ("teapot", 418, "im_a_teapot"),
        ("unknown-status", 499, "error"),
    ],
)
async def test_errors_have_their_status_and_code(client: AsyncClient, name: str, status: int, code: str) -> None:
    found = problem(await client.get(f"/raise/{name}"))
    assert (found.status, found.code) == (status, code)


async def test_a_problem_keeps_its_headers_and_members(client: AsyncClient) -> None:
    response = await client.get("/raise/problem")
    assert response.headers["x-bill"] == "7"
    assert response.json() == {
        "type": "urn:ordercue:problem:unpaid",
        "title": "Payment Required",
        "status": 402,
        "code": "unpaid",
        "detail": "The bill is open.",
        "remedy": "Pay.",
        "amount": 3,
    }


async def test_an_invalid_field_is_named(client: AsyncClient) -> None:
    assert (await client.get("/raise/invalid")).json()["field"] == "steps[0].weight"


async def test_what_is_away_may_be_asked_again(client: AsyncClient) -> None:
    response = await client.get("/raise/unavailable")
    assert int(response.headers["retry-after"]) > 0


async def test_headers_of_an_http_exception_are_kept(client: AsyncClient) -> None:
    assert (await client.get("/raise/http")).headers["retry-after"] == "3"


async def test_an_unexpected_error_is_in_the_log_under_the_id_of_the_answer(
    client: AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "api.problems"):
        error_id = (await client.get("/raise/unexpected")).json()["error_id"]
    (record,) = [record for record in caplog.records if record.name == "api.problems"]
    assert error_id in record.getMessage()
    assert record.exc_info
    assert str(record.exc_info[1]) == str(RAISED["unexpected"])


async def test_an_unknown_address_is_a_problem(client: AsyncClient) -> None:
    assert problem(await client.get("/nowhere")).code == "not_found"


async def test_a_wrong_method_is_a_problem_that_says_which_is_right(client: AsyncClient) -> None:
    response = await client.delete("/body")
    assert problem(response).code == "method_not_allowed"
    assert response.headers["allow"] == "POST"


async def test_a_request_that_does_not_fit_names_each_field(client: AsyncClient) -> None:
    response = await client.post("/body?limit=11", json={"count": "x"})
    assert problem(response).code == "invalid_request"
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert [(each["in"], each["field"]) for each in response.json()["errors"]] == [
        ("query", "limit"),
        ("body", "count"),
    ]


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"count": }'])
async def test_a_body_that_is_no_json_is_a_problem(client: AsyncClient, body: bytes) -> None:
    response = await client.post("/body", content=body, headers={"content-type": "application/json"})
    assert problem(response).status == 400


async def test_text_that_is_no_unicode_can_be_answered(client: AsyncClient) -> None:
    assert (await client.get("/raise/surrogate")).json()["field"] == "\ud800"


async def test_the_openapi_document_describes_problems(client: AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    answer = document["paths"]["/raise/{name}"]["get"]["responses"]["404"]
    assert answer["description"] == "No such thing."
    assert answer["content"]["application/problem+json"]["schema"] == PROBLEM_REFERENCE
    assert set(ProblemOut.model_json_schema()["required"]) == {
        "type", "title", "status", "code", "detail", "remedy",
    }  # fmt: skip
