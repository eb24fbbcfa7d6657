"""What FastAPI cannot see by itself in the OpenAPI document: the body that a route reads with its own hands."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from api.openapi_completion import complete
from api.wire.contact import ContactIn, ContactsIn
from api.wire.event import EventIn
from api.wire.order import OrdersIn
from api.wire.small import EmailsIn, OtherIn

JSON = "application/json"

_READ_BY_HAND: tuple[type[BaseModel], ...] = (OrdersIn, ContactIn, ContactsIn, EventIn, EmailsIn, OtherIn)
_COMPONENT = "#/components/schemas/{model}"


def json_body(model: type[BaseModel]) -> dict[str, Any]:  # Any: FastAPI's own type
    """The `openapi_extra` of a route whose body is documented by a model of this module's list."""
    schema = {"$ref": _COMPONENT.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema}}}}


def install(app: FastAPI) -> None:
    """Add the models that `json_body` refers to, and theirs, to the components of the app's document."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:  # Any: JSON
        document = generate()
        document.setdefault("components", {}).setdefault("schemas", {}).update(_schemas())
        complete(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign] # the way that FastAPI's documentation shows


def _schemas() -> dict[str, Any]:  # Any: JSON
    schemas: dict[str, Any] = {}  # Any: JSON
    for model in _READ_BY_HAND:
        schema = model.model_json_schema(ref_template=_COMPONENT)
        schemas |= schema.pop("$defs", {}) | {model.__name__: schema}
    return schemas
