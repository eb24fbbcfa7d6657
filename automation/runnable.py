"""What the language can say and this version cannot run yet: refused when it is published, never half done."""

from collections.abc import Iterator

from automation.definition import Definition
from automation.problems import Problem


def not_runnable(definition: Definition) -> tuple[Problem, ...]:
    """Everything in the definition that has to wait for a later version."""
    return tuple(_problems(definition))


def _problems(definition: Definition) -> Iterator[Problem]:
    start = definition.start
    if start.segment is not None:
        yield Problem("start.segment", "starting from a segment cannot be run yet; start on an event")
