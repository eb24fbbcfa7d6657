"""What the language can say and this version cannot run yet: refused when it is published, never half done."""

from collections.abc import Iterator

from automation.action_steps import GetOrderStep, SendStep
from automation.definition import Definition
from automation.flow import Flow
from automation.problems import Problem
from automation.schedule import SendWindow

_STEPS = frozenset({"get_order", "send", "wait", "if", "switch", "split", "stop"})


def not_runnable(definition: Definition) -> tuple[Problem, ...]:
    """Everything in the definition that has to wait for a later version."""
    return tuple(_problems(definition))


def _problems(definition: Definition) -> Iterator[Problem]:
    start = definition.start
    if start.segment is not None:
        yield Problem("start.segment", "starting from a segment cannot be run yet; start on an event")
    for step in Flow(definition).steps.values():
        if step.kind not in _STEPS:
            yield Problem(step.id, f"{step.kind} cannot be run yet; known: {', '.join(sorted(_STEPS))}")
        elif isinstance(step, SendStep) and isinstance(step.window, SendWindow):
            yield Problem(step.id, "a window of its own cannot be run yet; put a wait with at before the send")
        elif isinstance(step, GetOrderStep) and (step.order_id or step.external_id):
            yield Problem(step.id, "another order than the event's cannot be loaded yet; leave order_id out")
