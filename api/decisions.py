"""/api/v1/events/{id}/decisions: what an event meant for every automation that was live."""

from uuid import UUID

from fastapi import APIRouter, Response

from api.deps import READS_ORDERS, ServicesDep
from api.event_out import EventDecisions
from api.openapi import JSON
from api.problems import problem_responses
from api.story import Entry, decision_entry, message_entry, run_entry
from core.document import dump_json
from store.timeline import EventStory, load_event_story

router = APIRouter(prefix="/api/v1/events", tags=["events"])

_PROBLEMS = problem_responses({404: "No such event."})


@router.get("/{event_id}/decisions", response_model=EventDecisions, responses=_PROBLEMS, dependencies=[READS_ORDERS])
async def get_decisions(services: ServicesDep, event_id: UUID) -> Response:
    """Started, signalled, stopped, suppressed or not matched: for each automation, with the reason and a sentence.

    A decision about a run tells where the run is now, when it goes on and with what, and what became of its messages.
    """
    async with services.database.transaction() as session:
        story = await load_event_story(session, event_id)
    return Response(dump_json(_tell(story)), media_type=JSON)


def _tell(story: EventStory) -> Entry:
    runs = {run["id"]: run_entry(run) for run in story.runs}
    for run_id, run in runs.items():
        run["messages"] = [message_entry(one) for one in story.messages if one["run_id"] == run_id]
    event = story.event
    return {
        "eventId": event["id"],
        "type": event["event_type"],
        "key": event["event_key"],
        "effect": event["effect"],
        "occurredAt": event["occurred_at"],
        "receivedAt": event["received_at"],
        "decidedAt": event["decided_at"],
        "decisions": [decision_entry(one) | {"run": runs.get(one["run_id"])} for one in story.decisions],
    }
