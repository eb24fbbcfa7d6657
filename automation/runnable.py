"""What the language can say and this version cannot run yet: refused when it is published, never half done."""

from collections.abc import Iterator

from automation.action_steps import UpdateContactStep
from automation.definition import Definition
from automation.flow import Flow
from automation.problems import Problem

_IDENTITIES = frozenset({"id", "externalCustomerId", "email", "phone", "createdAt"})


def not_runnable(definition: Definition) -> tuple[Problem, ...]:
    """Everything in the definition that has to wait for a later version, or that a run may never do."""
    return tuple(_problems(definition))


def _problems(definition: Definition) -> Iterator[Problem]:
    start = definition.start
    if start.segment is not None:
        yield Problem("start.segment", "starting from a segment cannot be run yet; start on an event")
    for step in Flow(definition).steps.values():
        if isinstance(step, UpdateContactStep) and (fixed := sorted(_IDENTITIES & set(step.set))):
            yield Problem(step.id, f"{', '.join(fixed)} tells who the contact is; a step cannot set it")
