"""What the language can say and no run can do: refused when it is published, never half done."""

from automation.definition import Definition
from automation.problems import Problem
from automation.regular import orderless


def not_runnable(definition: Definition) -> tuple[Problem, ...]:
    """Everything in the definition that could never come about."""
    return tuple(orderless(definition))
