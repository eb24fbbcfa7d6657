"""schemathesis: whatever fits, or nearly fits, the OpenAPI document gets an answer that the document describes."""

import asyncio
import os
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from core.settings import Settings
from tests.builders import an_order
from tests.openapi.conftest import Server

_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_EXAMPLES = int(os.environ.get("FAULT_EXAMPLES", "6"))
"""Of each route and kind, others in every run; `make faults` takes many."""

_DOCUMENT = create_app(Settings()).openapi()
_SCHEMA = schemathesis.openapi.from_dict(_DOCUMENT)
_OPERATIONS = {one.ok().label: one.ok() for one in _SCHEMA.get_all_operations()}


_TAKES_NOTHING = {
    f"{method.upper()} {path}"
    for path, operations in _DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if not ({"parameters", "requestBody"} & set(operation))
}
_POSITIVE = [(label, GenerationMode.POSITIVE) for label in sorted(_OPERATIONS)]
_NEGATIVE = [(label, GenerationMode.NEGATIVE) for label in sorted(set(_OPERATIONS) - _TAKES_NOTHING)]


@pytest.mark.parametrize(("label", "mode"), _POSITIVE + _NEGATIVE)
async def test_every_answer_is_described(label: str, mode: GenerationMode, shared_server: Server) -> None:
    known = {"external_order_id": await _an_order(shared_server)} if "{external_order_id}" in label else {}
    await asyncio.to_thread(_examine, label, mode, shared_server, known)


async def _an_order(server: Server) -> str:
    """Of one test alone, which may delete it."""
    order = an_order()
    async with httpx.AsyncClient(base_url=server.url, headers=_access(server)) as http:
        assert (await http.post("/api/v1/orders", json={"orders": [order]})).status_code == 200
    return str(order["externalOrderId"])


def _examine(label: str, mode: GenerationMode, server: Server, known: dict[str, Any]) -> None:
    cases = _OPERATIONS[label].as_strategy(generation_mode=mode)

    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(case=cases, meet=st.booleans())
    def examine(case: schemathesis.Case, meet: bool) -> None:
        if meet and case.path_parameters:  # else nearly every answer would be a 404
            case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
        response = case.call(base_url=server.url, session=session, headers=_access(server), timeout=60)
        case.validate_response(response, checks=_CHECKS)

    with requests.Session() as session:
        examine()


def _access(server: Server) -> dict[str, str]:
    return {"Authorization": f"Bearer {server.key}"}
