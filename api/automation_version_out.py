"""What is answered of versions of automations and of looks, for the OpenAPI document."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.automation_out import DefinitionChange, DefinitionProblem, Json
from api.paging import MOST_LISTED


class _Out(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class AutomationVersionOut(_Out):
    """A published version without its definition."""

    version: int
    live: bool = Field(description="New runs get it, unless the automation is paused or archived.")
    published_at: datetime = Field(description="When it was published.")
    drained_at: datetime | None = Field(description="Since then its runs stop before their next send.")


class AutomationVersions(_Out):
    """One page of the versions, newest first."""

    versions: list[AutomationVersionOut] = Field(max_length=MOST_LISTED, description="Newest first.")
    next_before: int | None = Field(description="`before` of the next page; null on the last one.")


class AutomationVersionDetail(AutomationVersionOut):
    """A published version."""

    definition: Json = Field(description="As /schema describes it.")


class DefinitionDiff(_Out):
    """What changed from one version to another."""

    old: int | None = Field(alias="from", description="The older version; null when nothing was published before.")
    new: int | None = Field(alias="to", description="The newer version; null for the draft.")
    changes: list[DefinitionChange] = Field(description="In the order of the newer one; what was removed comes last.")


class RunsAtStep(_Out):
    """Running runs that stand at one step."""

    step: str | None = Field(description="Id of the step; null for runs that have not begun.")
    runs: int = Field(ge=0, description="How many.")


class RunsPinned(_Out):
    """`pinned`: runs stay with their version."""

    finish_on_their_version: int = Field(ge=0, description="How many runs.")


class RunsMigrated(_Out):
    """`migrate`: runs go on in the new version where their step still exists."""

    go_on_in_the_new_version: int = Field(ge=0, description="How many runs.")
    finish_on_their_version: int = Field(ge=0, description="How many runs.")


class RunsDrained(_Out):
    """`drain`: runs stop before their next send."""

    stop_before_their_next_send: int = Field(ge=0, description="How many runs.")


class RunsTouched(_Out):
    """How many running runs each value of `running` touches. Test launches are not counted."""

    running: int = Field(ge=0, description="All of them.")
    at_steps: list[RunsAtStep] = Field(description="Where they stand, by step.")
    pinned: RunsPinned
    migrate: RunsMigrated
    drain: RunsDrained


class PublishPreview(_Out):
    """What publishing the draft would do."""

    problems: list[DefinitionProblem] = Field(description="What is left to do before it can be published.")
    changes: list[DefinitionChange] = Field(description="What differs from the live version.")
    runs: RunsTouched = Field(description="What would become of running runs.")


class Look(_Out):
    """A look of a regular automation at its segment."""

    due_at: datetime = Field(description="When it was due.")
    began_at: datetime = Field(description="When it began.")
    ended_at: datetime | None
    launched: int = Field(ge=0, description="Members that got an event of the look.")
    known: int = Field(ge=0, description="Members for whom an earlier run stands in the way, as was told already.")
    done: bool = Field(description="It is over.")
    reason: str | None = Field(
        description="Why it ended before the last member: paused, archived, changed or no_segment."
    )


class LooksPage(_Out):
    """One page of the looks, the newest first."""

    looks: list[Look] = Field(max_length=MOST_LISTED, description="The newest first.")
    next_before: datetime | None = Field(description="`before` of the next page; null on the last one.")
