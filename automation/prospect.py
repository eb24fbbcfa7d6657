"""What a run does after the step where it stands."""

from typing import Any

from automation.action_steps import GetOrderStep, SendStep
from automation.flow import Flow, FlowError, ways
from automation.model import Definition
from automation.picture import says

Prospect = dict[str, Any]  # Any: JSON


def what_follows(definition: dict[str, Any], state: str, step_id: str | None) -> Prospect | None:  # Any: JSON
    """The next step of a run that waits or has not begun, `{step, kind, says}`; None where nothing is to be told.

    `says` is for people: "send review-request by email". At a step that waits for an event there are two ways.
    """
    if state not in ("pending", "waiting"):
        return None
    flow = Flow(Definition.model_validate(definition))
    if state == "pending" or step_id is None:
        return _told(flow, flow.first)
    if step_id not in flow.steps:
        return None
    branches = ways(flow.steps[step_id])
    if branches:
        told = [(branch, _told(flow, flow.head(step_id, branch))) for branch, _, _ in branches]
        words = "; ".join(f"{branch}: {one['says']}" for branch, one in told)
        return {"step": None, "kind": None, "says": words}
    try:
        return _told(flow, flow.after(step_id))
    except FlowError:
        return None


def _told(flow: Flow, step_id: str | None) -> Prospect:
    if step_id is None:
        return {"step": None, "kind": "end", "says": "it ends"}
    step = flow.steps[step_id]
    words = says(step)
    if isinstance(step, SendStep):
        words = f"send {step.template} by {step.channel}"
    if isinstance(step, GetOrderStep):
        after = _told(flow, flow.after(step_id))
        return after | {"says": f"look at the order as it is then, and {after['says']}"}
    return {"step": step_id, "kind": step.kind, "says": words}
