"""All steps: those that branch stand here, the others in `action_steps`."""

from functools import cached_property
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Discriminator, Field, GetJsonSchemaHandler, Tag, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import CoreSchema

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
from automation.condition import Condition
from automation.conditions import Check, compile_condition
from automation.durations import PositiveDuration
from automation.part import EventTypes, Name, Part, StepId
from automation.schedule import Zone
from automation.step import Step


class WaitForStep(Step):
    """Sleeps until an event of the same order or contact (`then`), or until the timeout (`else`)."""

    kind: ClassVar[str] = "wait_for"
    event: EventTypes = Field(min_length=1)
    """The awaited event, or several."""
    match: Literal["order", "contact"] = "order"
    """Of the same order, or of the same contact."""
    where: Condition | None = None
    """Only an event that fulfils this."""
    timeout: PositiveDuration
    """How long at most; then the way is else."""
    zone: Zone = "contact"
    """Whose calendar days: contact, account, or an IANA name."""
    then: "Steps" = ()
    else_: "Steps" = Field(default=(), alias="else")

    @cached_property
    def check(self) -> Check | None:
        """`where`, compiled."""
        return compile_condition(self.where, f"{self.id}.where") if self.where else None


class IfStep(Step):
    """One of two ways."""

    kind: ClassVar[str] = "if"
    where: Condition
    """Then when this holds."""
    then: "Steps" = ()
    else_: "Steps" = Field(default=(), alias="else")

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not self.then and not self.else_:
            raise PydanticCustomError("branches", "there is nothing in then nor in else")
        return self


class Way(Part):
    """One of the ways of a switch or split. Without a name of its own it has one by its place, such as `case-1`."""

    name: Name
    """What this way is called in runs and reports."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        reference = handler(schema)
        handler.resolve_ref_schema(reference)["required"].remove("name")
        return reference


class Case(Way):
    """One of the ways of a switch."""

    where: Condition
    """Then when this holds."""
    then: "Steps" = ()


class SwitchStep(Step):
    """The first case that holds, else the default."""

    kind: ClassVar[str] = "switch"
    cases: Annotated[tuple[Case, ...], Field(min_length=1, max_length=50)]
    default: "Steps" = ()


class Arm(Way):
    """One of the ways of a split. Those in a holdout arm get nothing more: their run ends there."""

    weight: Annotated[int, Field(gt=0, le=1_000_000)]
    """Share of the people, compared with the other arms."""
    steps: "Steps" = ()
    holdout: bool = False
    """Those in it get nothing more."""

    @model_validator(mode="after")
    def _holdout_is_empty(self) -> Self:
        if self.holdout and self.steps:
            raise PydanticCustomError("holdout", "a holdout arm has no steps: those in it get nothing")
        return self


class SplitStep(Step):
    """Divides people by weight; the same person always takes the same arm."""

    kind: ClassVar[str] = "split"
    arms: Annotated[tuple[Arm, ...], Field(min_length=2, max_length=20)]


class CheckMessageStep(Step):
    """Whether a message got as far as a state: an opened message was also delivered and sent."""

    kind: ClassVar[str] = "check_message"
    message: StepId | None = None
    """Id of an earlier send; by default the last one of the run."""
    state: Literal["sent", "delivered", "opened", "clicked"]
    """How far it got."""
    then: "Steps" = ()
    else_: "Steps" = Field(default=(), alias="else")

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not self.then and not self.else_:
            raise PydanticCustomError("branches", "there is nothing in then nor in else")
        return self


STEPS: dict[str, type[Step]] = {
    model.kind: model
    for model in (
        GetOrderStep, SendStep, WaitStep, WaitForStep, IfStep, SwitchStep, SplitStep, CheckMessageStep,
        UpdateContactStep, AddToSegmentStep, RemoveFromSegmentStep, EmitStep, WebhookStep, StopStep,
    )
}  # fmt: skip


def _kind(value: object) -> str | None:
    if isinstance(value, dict):
        return next(iter(value), None) if len(value) == 1 else None
    return value.kind if isinstance(value, Step) else None


AnyStep = Annotated[
    Annotated[GetOrderStep, Tag("get_order")]
    | Annotated[SendStep, Tag("send")]
    | Annotated[WaitStep, Tag("wait")]
    | Annotated[WaitForStep, Tag("wait_for")]
    | Annotated[IfStep, Tag("if")]
    | Annotated[SwitchStep, Tag("switch")]
    | Annotated[SplitStep, Tag("split")]
    | Annotated[CheckMessageStep, Tag("check_message")]
    | Annotated[UpdateContactStep, Tag("update_contact")]
    | Annotated[AddToSegmentStep, Tag("add_to_segment")]
    | Annotated[RemoveFromSegmentStep, Tag("remove_from_segment")]
    | Annotated[EmitStep, Tag("emit")]
    | Annotated[WebhookStep, Tag("webhook")]
    | Annotated[StopStep, Tag("stop")],
    Discriminator(
        _kind,
        custom_error_type="step",
        custom_error_message="a step is one key, such as send:, with its settings below it",
    ),
]
Steps = tuple[AnyStep, ...]

_RECURSIVE: tuple[type[Part], ...] = (Case, Arm, *STEPS.values())
for _model in _RECURSIVE:
    _model.model_rebuild()
