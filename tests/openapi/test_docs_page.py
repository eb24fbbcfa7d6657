"""/docs in a browser that can reach nothing but the API."""

import re

import httpx

from tests.openapi.conftest import Server


async def test_the_page_and_all_that_it_loads_come_from_the_api(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url) as http:
        page = await http.get("/docs")
        assert page.status_code == 200
        assert "https://" not in page.text
        loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text) + re.findall(r"url: '([^']+)'", page.text)
        assert "/openapi.json" in loaded
        for address in loaded:
            assert (await http.get(address)).status_code == 200, address


async def test_every_field_parameter_and_answer_is_described(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url) as http:
        document = (await http.get("/openapi.json")).json()
    bare = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, one in schema.get("properties", {}).items()
        if not ({"description", "$ref"} & set(one))
    ]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            bare += [where] * (not operation.get("description"))
            bare += [f"{where} {one['name']}" for one in operation.get("parameters", []) if "description" not in one]
            bare += [
                f"{where} {status}" for status, answer in operation["responses"].items() if not answer["description"]
            ]
    assert not bare, f"not described: {bare}"


async def test_every_answer_has_a_schema_to_make_a_client_of(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url) as http:
        document = (await http.get("/openapi.json")).json()
    bare = [
        f"{method} {path} {status} {kind}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        for status, answer in operation["responses"].items()
        for kind, content in answer.get("content", {"nothing": {}} if status not in {"202", "204"} else {}).items()
        if not content.get("schema")
    ]
    assert not bare, f"without a schema: {bare}"
