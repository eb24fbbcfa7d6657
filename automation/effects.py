"""What a run does next, one class each. `step` is the typed step, `step_id` its id."""

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from automation.action_steps import (
    AddToSegmentStep,
    EmitStep,
    GetOrderStep,
    RemoveFromSegmentStep,
    SendStep,
    StopStep,
    UpdateContactStep,
    WaitStep,
    WebhookStep,
)
from automation.step import Step
from automation.steps import AnyStep, CheckMessageStep, IfStep, SplitStep, SwitchStep, WaitForStep

BranchStep: TypeAlias = IfStep | SwitchStep | SplitStep | CheckMessageStep
"""A step that facts decide; a chain of them is one effect."""
ChangeStep: TypeAlias = UpdateContactStep | AddToSegmentStep | RemoveFromSegmentStep | EmitStep


S = TypeVar("S", bound=Step)


@dataclass(frozen=True)
class StepEffect(Generic[S]):
    """What a step asks for."""

    step: S

    @property
    def step_id(self) -> str:
        """Id of the step."""
        return self.step.id


@dataclass(frozen=True)
class GetOrder(StepEffect[GetOrderStep]):
    """Load the order; then `passed`."""


@dataclass(frozen=True)
class Send(StepEffect[SendStep]):
    """Send a message; then `passed`."""


@dataclass(frozen=True)
class Wait(StepEffect[WaitStep]):
    """Sleep until the moment that `waits.due` tells; then `passed`."""


@dataclass(frozen=True)
class WaitFor(StepEffect[WaitForStep]):
    """Sleep until an event (`taken("then")`) or until `waits.due` (`taken("else")`)."""


@dataclass(frozen=True)
class Choose(StepEffect[BranchStep]):
    """Ask `choices.choose` for the path through one or more branches; then `follow` it."""


@dataclass(frozen=True)
class Change(StepEffect[ChangeStep]):
    """Change the contact or its segments, or emit an event; then `passed`."""


@dataclass(frozen=True)
class Webhook(StepEffect[WebhookStep]):
    """Call an address; then `passed`."""


@dataclass(frozen=True)
class End:
    """Nothing is left to do. `stopped` when a stop step ended the run."""

    stopped: bool
    step: StopStep | None = None

    @property
    def step_id(self) -> str:
        """Id of the stop step, else `end`."""
        return self.step.id if self.step else "end"


Effect: TypeAlias = GetOrder | Send | Wait | WaitFor | Choose | Change | Webhook | End


def effect_of(step: AnyStep | None) -> Effect:  # noqa: PLR0911 - one line a kind
    """The effect of being at a step; None is behind the last."""
    match step:
        case None:
            return End(stopped=False)
        case GetOrderStep():
            return GetOrder(step)
        case SendStep():
            return Send(step)
        case WaitStep():
            return Wait(step)
        case WaitForStep():
            return WaitFor(step)
        case IfStep() | SwitchStep() | SplitStep() | CheckMessageStep():
            return Choose(step)
        case WebhookStep():
            return Webhook(step)
        case StopStep():
            return End(stopped=True, step=step)
        case _:
            return Change(step)
