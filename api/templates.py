"""/api/v1/templates: message templates, their versions, and a look at them before anybody gets one."""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import AutomationsKey, ServicesDep
from api.openapi import JSON
from api.problems import problem_responses
from api.template_body import MOST_NUMBER, TemplateIn, TemplatePreviewIn, TemplateTestIn
from api.template_out import (
    TemplateChecked,
    TemplateDetail,
    TemplatePreview,
    TemplatePublished,
    TemplatesOut,
    TemplateTestOut,
    TemplateTestStarted,
    TemplateVersions,
)
from api.template_test import TestWanted, send_template_test
from api.template_work import lint_template, preview_template, publish_template
from automation.template import Template
from automation.template_lint import Finding
from core.document import dump_json
from core.errors import NotFoundError
from store import templates
from store.template_tests import find_test
from store.templates import StoredTemplate

router = APIRouter(prefix="/api/v1/templates", tags=["templates"])

_PROBLEMS = problem_responses(
    {
        400: "The body or a parameter is wrong; `field` is the part of the template, `detail` has line and column.",
        401: "No key, or one that is not known.",
        403: "The key lacks the scope `automations`.",
        404: "No such template, version or order.",
        503: "PostgreSQL is away.",
    }
)
_NOT_NOW = problem_responses({409: "The address is suppressed for good."})
Name = Annotated[str, Path(min_length=1, max_length=200, pattern=r"^[^\x00/]*$", description="The template's name.")]
TestId = Annotated[UUID, Path(description="The test's id.")]
Number = Annotated[int, Path(ge=1, le=MOST_NUMBER, description="Number of the version.")]


@router.get("", response_model=TemplatesOut, responses=_PROBLEMS)
async def get_templates(services: ServicesDep, _key: AutomationsKey) -> Response:
    """Every template with its newest version, by name."""
    async with services.database.transaction() as session:
        found = await templates.list_templates(session)
    return _json({"templates": [_summary(one) for one in found]})


@router.get("/{name}", response_model=TemplateDetail, responses=_PROBLEMS)
async def get_template(services: ServicesDep, _key: AutomationsKey, name: Name) -> Response:
    """The newest version, as its author wrote it."""
    async with services.database.transaction() as session:
        found = await templates.find_template(session, name)
    return _json(_document(found))


@router.get("/{name}/versions", response_model=TemplateVersions, responses=_PROBLEMS)
async def get_template_versions(
    services: ServicesDep,
    _key: AutomationsKey,
    name: Name,
    before: Annotated[int | None, Query(ge=1, le=MOST_NUMBER, description="Older than this version.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Versions, newest first; `nextBefore` leads to the next page."""
    async with services.database.transaction() as session:
        await templates.find_template(session, name)
        rows = await templates.list_template_versions(session, name, before=before, limit=limit + 1)
    following = rows[limit - 1].number if len(rows) > limit else None
    return _json({"versions": [_summary(one) for one in rows[:limit]], "nextBefore": following})


@router.get("/{name}/versions/{number}", response_model=TemplateDetail, responses=_PROBLEMS)
async def get_template_version(services: ServicesDep, _key: AutomationsKey, name: Name, number: Number) -> Response:
    """One version, as its author wrote it."""
    async with services.database.transaction() as session:
        found = await templates.find_template(session, name, number)
    return _json(_document(found))


@router.put("/{name}", response_model=TemplatePublished, responses=_PROBLEMS)
async def put_template(services: ServicesDep, key: AutomationsKey, name: Name, wanted: TemplateIn) -> Response:
    """Publish a new version; one that says the same already stays. Mistakes that lint knows are refused."""
    template = wanted.named(name)
    async with services.database.transaction() as session:
        saved, findings = await publish_template(session, template, actor=f"key:{key.prefix}")
    told = {"name": name, "version": saved.number, "changed": saved.changed}
    return _json(told | {"findings": [_finding(one) for one in findings]})


@router.post("/{name}/check", response_model=TemplateChecked, responses=_PROBLEMS)
async def post_check(services: ServicesDep, _key: AutomationsKey, name: Name, wanted: TemplateIn) -> Response:
    """Mistakes and doubts of a draft, each with its place. Stores nothing."""
    async with services.database.transaction() as session:
        findings = await lint_template(session, wanted.named(name))
    return _json({"findings": [_finding(one) for one in findings]})


@router.post("/{name}/preview", response_model=TemplatePreview, responses=_PROBLEMS)
async def post_preview(services: ServicesDep, _key: AutomationsKey, name: Name, wanted: TemplatePreviewIn) -> Response:
    """The message that a draft, or what is stored, makes for an order. Sends nothing and stores nothing."""
    async with services.database.transaction() as session:
        made = await preview_template(
            session,
            services.settings,
            await _template(session, name, wanted),
            order=wanted.order,
            language=wanted.language,
            params=wanted.params,
        )
    return _json({"subject": made.subject, "html": made.html, "text": made.text, "locale": made.locale})


@router.post("/{name}/test", status_code=202, response_model=TemplateTestStarted, responses=_PROBLEMS | _NOT_NOW)
async def post_template_test(
    services: ServicesDep, key: AutomationsKey, name: Name, wanted: TemplateTestIn
) -> Response:
    """Really send what a draft, or what is stored, makes for an order: once, marked TEST and counted nowhere.

    Who unsubscribed gets it; an address that bounced, complained or was blocked does not (409).
    """
    async with services.database.transaction() as session:
        template = await _template(session, name, wanted)
    asked = TestWanted(template, wanted.to, wanted.channel, wanted.order, wanted.language, wanted.params)
    sent = await send_template_test(
        services.database, services.client, services.settings, asked, actor=f"key:{key.prefix}"
    )
    told = {"id": sent.id, "channel": sent.channel, "to": sent.to, "test": True}
    return _json(told | {"subject": sent.rendered.subject, "locale": sent.rendered.locale}, 202)


@router.get("/{name}/tests/{test_id}", response_model=TemplateTestOut, responses=_PROBLEMS)
async def get_template_test(services: ServicesDep, _key: AutomationsKey, name: Name, test_id: TestId) -> Response:
    """What became of a test, for 30 days: `pending`, `sending`, `sent`, `failed` or `unknown`."""
    async with services.database.transaction() as session:
        found = await find_test(session, test_id)
    if found["template"] != name:
        raise NotFoundError("test", str(test_id))
    return _json(
        {
            "id": found["id"],
            "channel": found["channel"],
            "to": found["address"],
            "state": found["state"],
            "reason": found["reason"],
            "createdAt": found["created_at"],
            "updatedAt": found["updated_at"],
        }
    )


async def _template(session: AsyncSession, name: str, wanted: TemplatePreviewIn) -> Template:
    if wanted.template is not None:
        return wanted.template.named(name)
    return Template.model_validate((await templates.find_template(session, name, wanted.version)).content)


def _summary(one: StoredTemplate) -> dict[str, Any]:  # Any: JSON
    return {
        "name": one.name,
        "version": one.number,
        "subject": one.content.get("subject"),
        "languages": sorted(one.content.get("locales", {})),
        "createdAt": one.created_at,
    }


def _document(one: StoredTemplate) -> dict[str, Any]:  # Any: JSON
    return _summary(one) | {"content": {field: value for field, value in one.content.items() if field != "name"}}


def _finding(one: Finding) -> dict[str, Any]:  # Any: JSON
    return asdict(one)


def _json(told: dict[str, Any], status: int = 200) -> Response:  # Any: JSON
    return Response(dump_json(told), status, media_type=JSON)
