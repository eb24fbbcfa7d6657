"""A definition in the body of a request: JSON, or YAML with places by line and column."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import ServicesDep, read_bytes
from api.problems import Problem
from automation.checking import check
from automation.definition import MEANING, Definition, DefinitionError, load_definition, located
from automation.problems import Problem as Fault
from automation.runnable import not_runnable
from automation.source import MAX_BYTES
from automation.template import CompiledTemplate, Template
from core.channels import served_channels
from core.settings import Settings
from store import templates
from store.segments import segment_names

YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")
_MOST_FAULTS = 50


class Written:
    """A definition as its author wrote it, and what it says."""

    def __init__(self, text: str, definition: Definition) -> None:
        self.text = text
        self.definition = definition


async def read_definition(request: Request, services: ServicesDep) -> Written:
    """The definition of the body. Raises Problem 400 `invalid_definition` with every fault and its place."""
    kind = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if kind not in YAML and kind != "application/json" and not kind.endswith("+json"):
        raise Problem(
            415,
            "not_a_definition_type",
            f"The body is sent as {kind}.",
            remedy="Send it as application/json or application/yaml.",
        )
    body = await read_bytes(request, min(services.settings.max_body_bytes, 4 * MAX_BYTES))
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Problem(400, "not_utf8", "The body is not UTF-8 text.", remedy="Send UTF-8.") from None
    try:
        return Written(text, load_definition(text))
    except DefinitionError as error:
        raise refused(error.problems) from error


DefinitionBody = Annotated[Written, Depends(read_definition)]


async def faults_of(session: AsyncSession, settings: Settings, written: Written) -> tuple[Fault, ...]:
    """What keeps a definition from being published, with line and column."""
    known = {
        one.name: CompiledTemplate(Template.model_validate(one.ready)).names
        for one in await templates.list_templates(session)
    }
    found = (
        *check(
            written.definition,
            templates=known,
            channels=served_channels(settings),
            segments=await segment_names(session),
        ),
        *not_runnable(written.definition),
    )
    return located(found, written.text) if written.text else found


def refused(faults: Iterable[Fault]) -> Problem:
    """The answer to a definition that cannot be used."""
    told = [fault_document(fault) for fault in faults][:_MOST_FAULTS]
    return Problem(
        400,
        "invalid_definition",
        "; ".join(f"{one['place'] or 'the document'}: {one['message']}" for one in told[:3]),
        remedy="Correct what `problems` names; GET /api/v1/automations/schema describes the document.",
        extra={"problems": told},
    )


def fault_document(fault: Fault) -> dict[str, Any]:  # JSON
    """One problem as the API tells it."""
    return {"place": fault.place, "message": fault.message, "line": fault.line, "column": fault.column}


def definition_openapi() -> dict[str, Any]:  # Any: FastAPI's own type
    """The `openapi_extra` of a route whose body is a definition."""
    described = {"type": "object", "description": f"An automation: {MEANING} See /schema."}
    content = {"application/json": {"schema": described}, "application/yaml": {"schema": {"type": "string"}}}
    return {"requestBody": {"required": True, "content": content}}
