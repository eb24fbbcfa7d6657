"""/api/v1/automations: reading, drafts, publishing."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api.automation_answers import PROBLEMS, automation_document, change_document, cursor, read_cursor
from api.automation_out import AutomationDetail, AutomationPublished, AutomationsPage, DefinitionChecked, DraftKept
from api.automation_publishing import Published, carry_out, publish
from api.definition_body import (
    DefinitionBody,
    Written,
    definition_openapi,
    fault_document,
    faults_of,
    refused,
)
from api.deps import AutomationsKey, ServicesDep
from api.openapi import JSON
from api.problems import Problem
from automation.definition import Definition, build_definition, definition_json, json_schema
from core.document import dump_json
from store import automations
from store.audit import record_audit
from store.revising import Running
from store.tables.automation import AutomationState

router = APIRouter(prefix="/api/v1/automations", tags=["automations"])

Name = Annotated[str, Path(max_length=200, pattern=r"^[^\x00]+$", description="Name or id of the automation.")]
RunningQuery = Annotated[
    Running,
    Query(
        description="What becomes of running runs: `pinned` finish on their version, `migrate` go on in the new one "
        "where their step still exists, `drain` stop before their next send."
    ),
]


@router.get("/schema", response_model=dict[str, Any], openapi_extra={"security": []})
async def get_schema() -> Response:
    """The JSON Schema of a definition, draft 2020-12. It needs no key."""
    return Response(dump_json(json_schema()), media_type=JSON)


@router.get("", response_model=AutomationsPage, responses=PROBLEMS)
async def get_automations(
    services: ServicesDep,
    _key: AutomationsKey,
    state: AutomationState | None = None,
    cursor_: Annotated[str | None, Query(alias="cursor", max_length=1000)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Automations by name, a page at a time; follow `nextCursor`."""
    after = read_cursor(cursor_)
    async with services.database.transaction() as session:
        rows = await automations.list_page(session, state=state, after=after, limit=limit + 1)
    following = cursor(rows[limit - 1].name) if len(rows) > limit else None
    page = {"automations": [automation_document(one) for one in rows[:limit]], "nextCursor": following}
    return Response(dump_json(page), media_type=JSON)


@router.post("", status_code=201, response_model=DraftKept, responses=PROBLEMS, openapi_extra=definition_openapi())
async def post_automation(services: ServicesDep, key: AutomationsKey, written: DefinitionBody) -> Response:
    """Keep a new automation as a draft. It starts nothing until it is published; `problems` is what is left to do."""
    async with services.database.transaction() as session:
        made = await automations.create_draft(session, written.definition.name, definition_json(written.definition))
        faults = await faults_of(session, services.settings, written)
        await _audit(session, key.prefix, "automation.create", made.name)
    told = automation_document(made) | {"problems": [fault_document(fault) for fault in faults]}
    return Response(dump_json(told), 201, media_type=JSON)


@router.post("/validate", response_model=DefinitionChecked, responses=PROBLEMS, openapi_extra=definition_openapi())
async def post_validate(services: ServicesDep, _key: AutomationsKey, written: DefinitionBody) -> Response:
    """Whether a definition could be published now. Nothing is stored."""
    async with services.database.transaction() as session:
        faults = await faults_of(session, services.settings, written)
    told = {"valid": not faults, "problems": [fault_document(fault) for fault in faults]}
    return Response(dump_json(told), media_type=JSON)


@router.get("/{automation}", response_model=AutomationDetail, responses=PROBLEMS)
async def get_automation(services: ServicesDep, _key: AutomationsKey, automation: Name) -> Response:
    """One automation with its live definition and its draft."""
    async with services.database.transaction() as session:
        found = await automations.find(session, automation)
        live = await automations.version(session, found.id, found.live_number) if found.live_number else None
    told = automation_document(found) | {"definition": live.definition if live else None, "draft": found.draft}
    return Response(dump_json(told), media_type=JSON)


@router.put("/{automation}/draft", response_model=DraftKept, responses=PROBLEMS, openapi_extra=definition_openapi())
async def put_draft(services: ServicesDep, key: AutomationsKey, automation: Name, written: DefinitionBody) -> Response:
    """Keep what the next version may become; what is live stays."""
    async with services.database.transaction() as session:
        found = await automations.find_locked(session, automation)
        _check_name(found.name, written.definition)
        await automations.save_draft(session, found, definition_json(written.definition))
        faults = await faults_of(session, services.settings, written)
        await _audit(session, key.prefix, "automation.draft", found.name)
    told = automation_document(found) | {"problems": [fault_document(fault) for fault in faults]}
    return Response(dump_json(told), media_type=JSON)


@router.post("/{automation}/publish", response_model=AutomationPublished, responses=PROBLEMS)
async def post_publish(
    services: ServicesDep, key: AutomationsKey, automation: Name, running: RunningQuery = Running.PINNED
) -> Response:
    """Make the draft the live version. What is live already is not published again."""
    async with services.database.transaction() as session:
        found = await automations.find_locked(session, automation)
        if found.draft is None:
            raise Problem(409, "no_draft", f"{found.name} has no draft.", remedy="PUT a draft first.")
        written = Written("", build_definition(found.draft))
        if faults := await faults_of(session, services.settings, written):
            raise refused(faults)
        done = await publish(session, written.definition, running, actor=f"key:{key.prefix}")
    return await _published(services, done)


@router.put("/{automation}", response_model=AutomationPublished, responses=PROBLEMS, openapi_extra=definition_openapi())
async def put_automation(
    services: ServicesDep,
    key: AutomationsKey,
    automation: Name,
    written: DefinitionBody,
    running: RunningQuery = Running.PINNED,
) -> Response:
    """Publish this definition at once, as `ordercue automations apply` does: the same one twice changes nothing."""
    _check_name(automation, written.definition)
    async with services.database.transaction() as session:
        if faults := await faults_of(session, services.settings, written):
            raise refused(faults)
        done = await publish(session, written.definition, running, actor=f"key:{key.prefix}")
    return await _published(services, done)


async def _published(services: ServicesDep, done: Published) -> Response:
    applied = done.applied
    told: dict[str, Any] = {"changed": applied.changed, "changes": [change_document(one) for one in done.changes]}
    runs_told = await carry_out(services.client, [done])
    if applied.changed:
        told["runsTold"] = runs_told
    return Response(dump_json(automation_document(applied.automation) | told), media_type=JSON)


def _check_name(name: str, definition: Definition) -> None:
    if definition.name != name:
        raise Problem(
            400,
            "other_name",
            f"The definition is named {definition.name!r}.",
            remedy="Give it the name of the automation; another name is another automation.",
        )


async def _audit(session: Any, prefix: str, action: str, name: str, **details: object) -> None:  # Any: a session
    await record_audit(session, actor=f"key:{prefix}", action=action, subject=f"automation:{name}", details=details)
