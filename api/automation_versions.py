"""/api/v1/automations/{automation}: versions, their differences, and what publishing would touch."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from api.automation_answers import PROBLEMS, diff_document, version_document
from api.automation_version_out import AutomationVersionDetail, AutomationVersions, DefinitionDiff, PublishPreview
from api.automations import Name
from api.definition_body import Written, fault_document, faults_of
from api.deps import AutomationsKey, ServicesDep
from api.openapi import JSON
from api.problems import Problem
from api.publish_preview import publish_preview
from automation.definition import Definition, build_definition, definition_json
from core.document import dump_json
from store import automations
from store.tables import Automation

router = APIRouter(prefix="/api/v1/automations", tags=["automations"])

Number = Annotated[int, Path(ge=1, le=2_147_483_647)]
_MOST = 2_147_483_647


@router.get("/{automation}/versions", response_model=AutomationVersions, responses=PROBLEMS)
async def get_versions(
    services: ServicesDep,
    _key: AutomationsKey,
    automation: Name,
    before: Annotated[int | None, Query(ge=1, le=_MOST, description="Older than this version.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Published versions, newest first; `nextBefore` leads to the next page."""
    async with services.database.transaction() as session:
        found = await automations.find(session, automation)
        rows = await automations.list_versions(session, found.id, before=before, limit=limit + 1)
    page = {
        "versions": [version_document(one, live=found.live_number) for one in rows[:limit]],
        "nextBefore": rows[limit - 1].number if len(rows) > limit else None,
    }
    return Response(dump_json(page), media_type=JSON)


@router.get("/{automation}/versions/{number}", response_model=AutomationVersionDetail, responses=PROBLEMS)
async def get_version(services: ServicesDep, _key: AutomationsKey, automation: Name, number: Number) -> Response:
    """One version with its definition."""
    async with services.database.transaction() as session:
        found = await automations.find(session, automation)
        one = await automations.version(session, found.id, number)
    told = version_document(one, live=found.live_number) | {"definition": one.definition}
    return Response(dump_json(told), media_type=JSON)


@router.get("/{automation}/diff", response_model=DefinitionDiff, responses=PROBLEMS)
async def get_diff(
    services: ServicesDep,
    _key: AutomationsKey,
    automation: Name,
    old: Annotated[int | None, Query(alias="from", ge=1, le=_MOST, description="Default: the live version.")] = None,
    new: Annotated[int | None, Query(alias="to", ge=1, le=_MOST, description="Default: the draft.")] = None,
) -> Response:
    """What changed from one version to another, step by step, each with a sentence."""
    async with services.database.transaction() as session:
        found = await automations.find(session, automation)
        number = old if old is not None else found.live_number
        before = (await automations.version(session, found.id, number)).definition if number else None
        after = (await automations.version(session, found.id, new)).definition if new else _draft(found)
    told = {"from": number, "to": new, "changes": diff_document(before, after)}
    return Response(dump_json(told), media_type=JSON)


@router.get("/{automation}/preview", response_model=PublishPreview, responses=PROBLEMS)
async def get_preview(services: ServicesDep, _key: AutomationsKey, automation: Name) -> Response:
    """What publishing the draft would do: its problems, its changes, and how many running runs each choice touches."""
    async with services.database.transaction() as session:
        found = await automations.find(session, automation)
        draft = Definition.model_validate(_draft(found))
        faults = await faults_of(session, services.settings, Written("", draft))
        preview = await publish_preview(session, found.id, draft)
    told = {"problems": [fault_document(fault) for fault in faults]} | preview
    return Response(dump_json(told), media_type=JSON)


def _draft(found: Automation) -> dict[str, Any]:  # JSON
    if found.draft is None:
        raise Problem(
            409, "no_draft", f"{found.name} has no draft.", remedy="PUT a draft, or name a version with `to`."
        )
    return definition_json(build_definition(found.draft))  # what is still being written may be wrong
