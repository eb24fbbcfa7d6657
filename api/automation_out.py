"""What the routes of automations answer, for the OpenAPI document; api.automation_answers makes it."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.paging import MOST_LISTED
from store.tables.automation import AutomationState

Json = dict[str, Any]  # Any: JSON

_RUNS_TOLD = Field(
    None,
    description="Whether running runs hear of it; false when Temporal is away: the same request again tells them. "
    "Absent when they need not.",
)


class _Out(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class AutomationOut(_Out):
    """An automation without its definition."""

    id: UUID
    name: str = Field(description="Its name; no other has it.")
    state: AutomationState
    version: int | None = Field(description="Number of the live version; null before it was published.")
    has_draft: bool = Field(description="There is what the next version may become.")
    created_at: datetime
    updated_at: datetime = Field(description="When it was last changed.")


class AutomationsPage(_Out):
    """One page of the list, by name."""

    automations: list[AutomationOut] = Field(max_length=MOST_LISTED, description="By name.")
    next_cursor: str | None = Field(description="Leads to the next page; null on the last one.")


class AutomationDetail(AutomationOut):
    """An automation with its definitions."""

    definition: Json | None = Field(description="The live one, as /schema describes it; null before it was published.")
    draft: Json | None = Field(description="What the next version may become; it may be wrong. Null without a draft.")


class DefinitionProblem(_Out):
    """One thing to correct before the definition can be published."""

    place: str = Field(description="Such as `steps[3].send.channel`; empty for the document itself.")
    message: str = Field(description="What is wrong and the remedy, for people.")
    line: int | None = Field(description="In the body, from 1; null when it is not known.")
    column: int | None = Field(description="In the line, from 1.")


class DefinitionChecked(_Out):
    """Whether a definition could be published now."""

    valid: bool = Field(description="It could.")
    problems: list[DefinitionProblem] = Field(description="What is left to do.")


class DraftKept(AutomationOut):
    """An automation whose draft was kept."""

    problems: list[DefinitionProblem] = Field(description="What is left to do before it can be published.")


class DefinitionChange(_Out):
    """One difference between two definitions."""

    change: Literal["added", "removed", "changed", "moved"] = Field(description="What became of it.")
    step: str | None = Field(description="Id of the step; null for what stands outside of the steps.")
    place: str = Field(description="`start.where`, `stop`, or `steps.<id>` with the setting behind it.")
    sentence: str
    before: Any = Field(None, description="What is `changed`, as it was.")  # Any: JSON
    after: Any = Field(None, description="What is `changed`, as it is now.")  # Any: JSON


class AutomationPublished(AutomationOut):
    """An automation that is live."""

    changed: bool = Field(description="There is a new version; false when the live one says the same already.")
    changes: list[DefinitionChange] = Field(description="What differs from the version before.")
    runs_told: bool | None = _RUNS_TOLD


class AutomationChanged(AutomationOut):
    """An automation in the state that was asked for."""

    changed: bool = Field(description="It was in another state before.")
    runs_told: bool | None = _RUNS_TOLD
