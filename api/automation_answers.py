"""What the API tells of automations and their versions."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

from api.problems import Problem, problem_responses
from automation.definition import Definition
from automation.interpreter import Flow
from automation.revision import Change, changes, goes_on
from store.revising import Place, Running
from store.tables import Automation, AutomationVersion

Document = dict[str, Any]  # Any: JSON

PROBLEMS = problem_responses(
    {
        400: "The definition or a parameter is wrong; `problems` names the places.",
        401: "No key, or one that is not known.",
        403: "The key lacks the scope `automations`.",
        404: "No such automation or version.",
        409: "It contradicts what is stored: the name is taken, or the automation is archived.",
        413: "The body is over the limit.",
        415: "The body is neither JSON nor YAML.",
        503: "PostgreSQL is away.",
    }
)


def automation_document(one: Automation) -> Document:
    """An automation without its definition."""
    return {
        "id": one.id,
        "name": one.name,
        "state": one.state,
        "version": one.live_number,
        "hasDraft": one.draft is not None,
        "createdAt": one.created_at,
        "updatedAt": one.updated_at,
    }


def version_document(one: AutomationVersion, *, live: int | None) -> Document:
    """A version without its definition."""
    return {
        "version": one.number,
        "live": one.number == live,
        "publishedAt": one.published_at,
        "drainedAt": one.drained_at,
    }


def diff_document(old: Document | None, new: Document) -> list[Document]:
    """What changed from one stored definition to another, step by step."""
    before = Definition.model_validate(old) if old is not None else None
    return [change_document(one) for one in changes(before, Definition.model_validate(new))]


def change_document(one: Change) -> Document:
    """One difference; `before` and `after` are the setting's values."""
    told = {"change": one.change, "step": one.step, "place": one.place, "sentence": one.sentence}
    return told | ({"before": one.before, "after": one.after} if one.change == "changed" else {})


def touched_document(stands: Sequence[Place], flows: dict[Any, Flow], new: Flow) -> Document:  # Any: version ids
    """How many running runs each choice touches when a version is published."""
    total = sum(place.runs for place in stands)
    going_on = sum(place.runs for place in stands if goes_on(flows[place.version_id], new, place.step_id))
    steps: dict[str, int] = {}
    for place in stands:
        steps[place.step_id or ""] = steps.get(place.step_id or "", 0) + place.runs
    return {
        "running": total,
        "atSteps": [{"step": step or None, "runs": count} for step, count in sorted(steps.items())],
        Running.PINNED.value: {"finishOnTheirVersion": total},
        Running.MIGRATE.value: {"goOnInTheNewVersion": going_on, "finishOnTheirVersion": total - going_on},
        Running.DRAIN.value: {"stopBeforeTheirNextSend": total},
    }


def cursor(name: str) -> str:
    """Where the next page begins."""
    return urlsafe_b64encode(name.encode()).decode()


def read_cursor(text: str | None) -> str | None:
    """The counterpart of `cursor`. Raises Problem 400."""
    if text is None:
        return None
    try:
        found = urlsafe_b64decode(text.encode()).decode()
    except ValueError:
        found = "\0"
    if "\0" in found:
        raise Problem(400, "invalid_cursor", "The cursor is not one of ours.", remedy="Use `nextCursor` as it came.")
    return found
