"""A definition: what an automation is, as it is written, stored and pinned in its runs."""

from functools import cached_property
from typing import Annotated, Any

from pydantic import Field, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from automation.outline import written_out
from automation.part import Part
from automation.rules import Start, StopOnEvent, StopRule
from automation.steps import Steps
from automation.structure import faults


class Definition(Part):
    """An automation. Built by `load_definition` from text, or by `model_validate` from its JSON.

    Every step has an id: where the author gave none it is derived, such as `send-2`.
    """

    name: Annotated[str, Field(min_length=1, max_length=200)]
    start: Start
    stop: Annotated[tuple[StopRule, ...], Field(max_length=50)] = ()
    steps: Steps

    @cached_property
    def stops(self) -> dict[str, tuple[tuple[int, StopOnEvent], ...]]:
        """The stop rules of each event type, with their places in `stop`."""
        found: dict[str, tuple[tuple[int, StopOnEvent], ...]] = {}
        for place, rule in enumerate(self.stop):
            if isinstance(rule, StopOnEvent):
                for event_type in dict.fromkeys(rule.event):
                    found[event_type] = (*found.get(event_type, ()), (place, rule))
        return found

    @model_validator(mode="wrap")
    @classmethod
    def _whole(cls, value: Any, build: ModelWrapValidatorHandler["Definition"]) -> "Definition":  # any document
        if not isinstance(value, dict):
            return build(value)
        document = written_out(value)
        wrong = [
            InitErrorDetails(
                type=PydanticCustomError("structure", "{text}", {"text": fault.message}), loc=fault.path, input=None
            )
            for fault in faults(document)
        ]
        try:
            definition = build(document)
        except ValidationError as error:
            wrong += [_again(each) for each in error.errors(include_url=False)]
        if wrong:
            raise ValidationError.from_exception_data(cls.__name__, wrong)
        return definition


def definition_json(definition: Definition) -> dict[str, Any]:
    """Compact JSON that `Definition.model_validate` reads back equal: defaults are left out, ids are in."""
    found: dict[str, Any] = definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return found


def _again(error: Any) -> InitErrorDetails:  # pydantic's ErrorDetails
    """The same error, to be raised once more together with others."""
    kind = PydanticCustomError(error["type"], "{text}", {**error.get("ctx", {}), "text": error["msg"]})
    return InitErrorDetails(type=kind, loc=error["loc"], input=error["input"])
