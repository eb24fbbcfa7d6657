"""What publishing a definition would do: the differences, and how many running runs each choice touches."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.automation_answers import Document, diff_document, touched_document
from automation.definition import Definition, definition_json
from automation.interpreter import Flow
from store import automations, revising


async def publish_preview(session: AsyncSession, automation_id: UUID | None, draft: Definition) -> Document:
    """`changes` and `runs`, as the API tells them. None is an automation that does not exist yet."""
    live, stands = None, list[revising.Place]()
    if automation_id is not None:
        found = await automations.find(session, str(automation_id))
        live = await automations.version(session, found.id, found.live_number) if found.live_number else None
        stands = await revising.places(session, found.id)
    stored = await automations.load_definitions(session, {place.version_id for place in stands})
    flows = {version_id: Flow(Definition.model_validate(one)) for version_id, one in stored.items()}
    return {
        "changes": diff_document(live.definition if live else None, definition_json(draft)),
        "runs": touched_document(stands, flows, Flow(draft)),
    }
