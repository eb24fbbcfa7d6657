"""/api/v1/automations/{automation}: pause, resume, archive."""

from fastapi import APIRouter, Response

from api.automation_answers import PROBLEMS, automation_document
from api.automation_out import AutomationChanged
from api.automation_states import change_state
from api.automations import Name
from api.deps import AutomationsKey, ServicesDep
from api.openapi import JSON
from core.document import dump_json
from store.tables import ApiKey
from store.tables.automation import AutomationState

router = APIRouter(prefix="/api/v1/automations", tags=["automations"])


@router.post("/{automation}/pause", response_model=AutomationChanged, responses=PROBLEMS)
async def post_pause(services: ServicesDep, key: AutomationsKey, automation: Name) -> Response:
    """Hold new launches and sends; runs wait, and events go on being decided."""
    return await _change(services, key, automation, AutomationState.PAUSED)


@router.post("/{automation}/resume", response_model=AutomationChanged, responses=PROBLEMS)
async def post_resume(services: ServicesDep, key: AutomationsKey, automation: Name) -> Response:
    """Let what was held go on, so many a second; each late send follows its own `not_after`."""
    return await _change(services, key, automation, AutomationState.LIVE)


@router.post("/{automation}/archive", response_model=AutomationChanged, responses=PROBLEMS)
async def post_archive(services: ServicesDep, key: AutomationsKey, automation: Name) -> Response:
    """End the automation and its runs, for good."""
    return await _change(services, key, automation, AutomationState.ARCHIVED)


async def _change(services: ServicesDep, key: ApiKey, name: str, state: AutomationState) -> Response:
    """`runsTold` is false when Temporal is away; the same request again tells them."""
    done = await change_state(services.database, services.client, name, state, actor=f"key:{key.prefix}")
    document = automation_document(done.automation) | {"changed": done.changed}
    return Response(dump_json(document | ({} if done.told is None else {"runsTold": done.told})), media_type=JSON)
