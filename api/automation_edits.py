"""/api/v1/automations/{automation}: pause, resume, archive."""

from fastapi import APIRouter, Response

from api.automation_answers import PROBLEMS, automation_document
from api.automation_tasks import end_runs, release_runs
from api.automations import Name
from api.deps import AutomationsKey, ServicesDep
from api.openapi import JSON
from core.document import dump_json
from core.process import sweep_soon
from store import automations
from store.audit import record_audit
from store.tables import ApiKey, Automation
from store.tables.automation import AutomationState

router = APIRouter(prefix="/api/v1/automations", tags=["automations"])


@router.post("/{automation}/pause", responses=PROBLEMS)
async def post_pause(services: ServicesDep, key: AutomationsKey, automation: Name) -> Response:
    """Hold new launches and sends; runs wait, and events go on being decided."""
    found, changed = await _set_state(services, key, automation, AutomationState.PAUSED)
    return _answer(found, changed=changed)


@router.post("/{automation}/resume", responses=PROBLEMS)
async def post_resume(services: ServicesDep, key: AutomationsKey, automation: Name) -> Response:
    """Let what was held go on, so many a second; each late send follows its own `not_after`."""
    found, changed = await _set_state(services, key, automation, AutomationState.LIVE)
    return _answer(found, changed=changed, told=await release_runs(services.client, found))


@router.post("/{automation}/archive", responses=PROBLEMS)
async def post_archive(services: ServicesDep, key: AutomationsKey, automation: Name) -> Response:
    """End the automation and its runs, for good."""
    found, changed = await _set_state(services, key, automation, AutomationState.ARCHIVED)
    return _answer(found, changed=changed, told=await end_runs(services.client, found))


async def _set_state(services: ServicesDep, key: ApiKey, name: str, state: AutomationState) -> tuple[Automation, bool]:
    async with services.database.transaction() as session:
        found = await automations.find_locked(session, name)
        changed = await automations.set_state(session, found, state)
        if changed:
            await record_audit(
                session, actor=f"key:{key.prefix}", action=f"automation.{state}", subject=f"automation:{found.name}"
            )
    if changed:
        await sweep_soon(services.client)
    return found, changed


def _answer(found: Automation, *, changed: bool, told: bool | None = None) -> Response:
    """`runsTold` is false when Temporal is away; the same request again tells them."""
    document = automation_document(found) | {"changed": changed}
    return Response(dump_json(document | ({} if told is None else {"runsTold": told})), media_type=JSON)
