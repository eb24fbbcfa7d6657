"""The ways through a definition: its steps by id, and where each leads."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from automation.action_steps import StopStep
from automation.conditions import Because
from automation.effects import Effect, End, effect_of
from automation.fields import Facts
from automation.model import Definition
from automation.steps import AnyStep, CheckMessageStep, IfStep, SplitStep, Steps, SwitchStep, WaitForStep
from core.errors import OrdercueError

Chooser: TypeAlias = Callable[[Facts, str], tuple[str, Because | None]]
"""From facts and the contact's key to a branch and what decided."""


class FlowError(OrdercueError):
    """An outcome does not belong to the step where the cursor is."""


class Flow:
    """A definition compiled once: its steps by id, and where each leads."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.steps: dict[str, AnyStep] = {}
        """Every step by its id, in the order of the document."""
        self.choosers: dict[str, Chooser] = {}
        """Compiled branch steps; `choices` fills it as they are met."""
        self._effects: dict[str | None, Effect] = {None: End(stopped=False)}
        self._after: dict[str | None, str | None] = {}
        self._heads: dict[tuple[str | None, str], str | None] = {}
        self.first = self._lay(definition.steps, None)

    def effect(self, at: str | None) -> Effect:
        """What is to be done at a step. Raises FlowError when there is no such step."""
        try:
            return self._effects[at]
        except KeyError:
            raise FlowError(f"no step {at!r} in {self.definition.name!r}") from None

    def after(self, at: str | None) -> str | None:
        """The step behind one that has no branches; None is the end. Raises FlowError at any other step."""
        try:
            return self._after[at]
        except KeyError:
            raise FlowError(f"{at!r} is not a step that is passed") from None

    def head(self, at: str | None, branch: str) -> str | None:
        """The step to which a branch leads; None is the end. Raises FlowError when there is no such branch."""
        try:
            return self._heads[at, branch]
        except KeyError:
            raise FlowError(f"step {at!r} has no branch {branch!r}") from None

    def _lay(self, steps: Steps, behind: str | None) -> str | None:
        """Lay out a list of steps after which the run goes on at `behind`; gives the first one."""
        for index, step in enumerate(steps):
            after = steps[index + 1].id if index + 1 < len(steps) else behind
            self.steps[step.id] = step
            self._effects[step.id] = effect_of(step)
            branches = ways(step)
            if not branches and not isinstance(step, StopStep):
                self._after[step.id] = after
            for branch, inner, ends in branches:
                self._heads[step.id, branch] = None if ends else self._lay(inner, after)
        return steps[0].id if steps else behind


def each_step(steps: Steps) -> Iterator[AnyStep]:
    """Every step, those in branches too, in the order of the document."""
    for step in steps:
        yield step
        for _, inner, _ in ways(step):
            yield from each_step(inner)


def ways(step: AnyStep) -> tuple[tuple[str, Steps, bool], ...]:
    """The branches of a step: name, steps, and whether the run ends in it (a holdout arm)."""
    match step:
        case IfStep() | WaitForStep() | CheckMessageStep():
            return (("then", step.then, False), ("else", step.else_, False))
        case SwitchStep():
            return (*((case.name, case.then, False) for case in step.cases), ("default", step.default, False))
        case SplitStep():
            return tuple((arm.name, arm.steps, arm.holdout) for arm in step.arms)
        case _:
            return ()
