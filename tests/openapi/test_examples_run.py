"""The examples that an integrator copies: in the OpenAPI document, and in the .http files."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import schemathesis

from api.app import create_app
from core.settings import Settings
from tests.openapi.conftest import Server

_FOLDER = Path(__file__).parents[2] / "examples" / "http"
_FILES = sorted(_FOLDER.glob("*.http"))
_OPERATIONS = sorted(
    (one.ok() for one in schemathesis.openapi.from_dict(create_app(Settings()).openapi()).get_all_operations()),
    key=lambda one: one.path.count("{"),  # /schema before /{automation}
)
_REQUEST = re.compile(r"^(GET|POST|PUT|PATCH|DELETE) \{\{host\}\}(\S+)", re.MULTILINE)


class Request(NamedTuple):
    """A request of an .http file. `status` is the one that its title names, else any of success."""

    title: str
    method: str
    path: str
    headers: dict[str, str]
    body: str
    status: int | None


def _requests(file: Path) -> Iterator[Request]:
    for part in re.split(r"^###", file.read_text(), flags=re.MULTILINE)[1:]:
        title, _, rest = part.partition("\n")
        lines = [line for line in rest.splitlines() if not line.startswith("#")]
        head, _, body = "\n".join(lines).strip().partition("\n\n")
        first, *fields = head.splitlines()
        method, address = first.split(" ", 1)
        if included := re.fullmatch(r"< (\S+)\s*", body.strip()):
            body = (file.parent / included[1]).read_text()
        status = re.search(r": ([45]\d\d)\b", title)
        headers = dict(field.split(": ", 1) for field in fields)
        yield Request(
            title.strip(), method, address.removeprefix("{{host}}"), headers, body, int(status[1]) if status else None
        )


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.name)
async def test_every_request_of_the_files_gets_the_answer_that_they_and_the_document_promise(
    file: Path, server: Server
) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as http:
        for request in _requests(file):
            headers = {name: value.replace("{{key}}", server.key) for name, value in request.headers.items()}
            if access := re.fullmatch(r"Basic \S+ (\S+)", headers.get("Authorization", "")):
                headers["Authorization"] = f"Bearer {access[1]}"
            response = await http.request(request.method, request.path, headers=headers, content=request.body.encode())
            told = f"{file.name}: {request.title}: {response.status_code} {response.text}"
            assert response.status_code == request.status if request.status else response.is_success, told
            _operation(request).validate_response(response)


def _operation(request: Request) -> schemathesis.APIOperation:
    return next(one for one in _OPERATIONS if one.method.upper() == request.method and _fits(one.path, request.path))


def test_every_route_has_a_request_in_the_files() -> None:
    used = {found.group(1, 2) for file in _FILES for found in _REQUEST.finditer(file.read_text())}
    missing = [
        f"{method.upper()} {path}"
        for path, operations in create_app(Settings()).openapi()["paths"].items()
        for method in operations
        if not any(method.upper() == verb and _fits(path, address) for verb, address in used)
    ]
    assert not missing, f"add them to examples/http: {missing}"


def _fits(path: str, address: str) -> bool:
    pattern = re.sub(r"\\\{[^}]*\\\}", "[^/?]+", re.escape(path))
    return re.fullmatch(rf"{pattern}(\?.*)?", address) is not None


def _bodies(document: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    schemas = document["components"]["schemas"]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                schema = content["schema"]
                schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
                for example in schema.get("examples", []):
                    yield method, path, example


async def test_every_example_of_the_document_is_accepted(server: Server) -> None:
    bodies = list(_bodies(create_app(Settings()).openapi()))
    assert ("post", "/api/v1/orders") in {(method, path) for method, path, _ in bodies}
    async with httpx.AsyncClient(base_url=server.url, headers={"Authorization": f"Bearer {server.key}"}) as http:
        for method, path, example in bodies:
            response = await http.request(method, path, content=json.dumps(example).encode())
            assert response.is_success, f"{method} {path}: {response.text}"
            assert not response.json().get("failedOrders")
