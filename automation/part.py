"""The base of every piece of a definition, and the small text types that they share."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints


class Part(BaseModel):
    """A frozen piece of a definition. Unknown keys are errors; a key that is a Python word has an alias."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False, ser_json_inf_nan="constants")


def _as_list(value: object) -> object:
    return (value,) if isinstance(value, str) else value


StepId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
"""What a step is called in its automation. It is a part of field paths, so it has no dots."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
"""The name of a template, a segment, an arm or a case."""

ChannelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]

EventType = Annotated[str, StringConstraints(min_length=1, max_length=100)]

EventTypes = Annotated[tuple[EventType, ...], BeforeValidator(_as_list, json_schema_input_type=str | list[str])]
"""One event type or a list of them."""
