"""The OpenAPI document as an integrator's generator reads it."""

from typing import Any

from api.app import create_app
from core.settings import Settings


def _document() -> dict[str, Any]:  # Any: JSON
    return create_app(Settings()).openapi()


def _references(value: object) -> list[str]:
    match value:
        case {"$ref": str(reference)}:
            return [reference]
        case dict():
            return [one for inner in value.values() for one in _references(inner)]
        case list():
            return [one for inner in value for one in _references(inner)]
        case _:
            return []


def test_the_body_of_orders_is_described_field_by_field() -> None:
    document = _document()
    body = document["paths"]["/api/v1/orders"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/OrdersIn"}
    order = document["components"]["schemas"]["OrderIn"]["properties"]
    assert {"externalOrderId", "totalCost", "statusDate", "items"} <= set(order)


def test_every_reference_leads_to_a_component() -> None:
    document = _document()
    names = {reference.removeprefix("#/components/schemas/") for reference in _references(document)}
    assert names
    assert names <= set(document["components"]["schemas"])


def test_errors_are_described_as_problems() -> None:
    for path, operations in _document()["paths"].items():
        if not path.startswith("/api/v1/orders"):
            continue
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if status in {"400", "401", "403", "404", "409", "413", "415", "503"}:
                    assert list(response["content"]) == ["application/problem+json"], (path, status)
