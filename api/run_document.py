"""Runs as the API shows them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from api.paging import Plain
from automation.reasons import message_sentence, run_sentence
from store.tables.message import MessageState
from store.tables.run import RunState

MOST_LISTED = 200


class RunQuery(BaseModel):
    """The parameters of the list. One that is not known is refused."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")

    automation: Plain | None = Field(None, max_length=200, description="Only runs of this automation.")
    state: RunState | None = Field(None, description="Only runs in this state.")
    order: Plain | None = Field(None, description="Only runs of this externalOrderId.")
    cursor: UUID | None = Field(None, description="`nextCursor` of the page before.")
    limit: int = Field(50, ge=1, le=MOST_LISTED, description="How many runs a page has at most.")


class RunOut(BaseModel):
    """One launch of an automation."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    id: UUID
    automation: str
    version: int
    state: RunState
    test: bool = Field(description="A test launch, counted nowhere.")
    event_type: str | None = Field(description="What started it; null once that event is no longer kept.")
    event_key: str | None
    step: str | None = Field(description="Where it is.")
    due_at: datetime | None = Field(description="When a run that waits goes on.")
    stop: dict[str, Any] | None = Field(description="Why it was stopped.")  # Any: JSON of contracts.Stop
    sentence: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class RunMessage(BaseModel):
    """A message of a run."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    id: UUID
    step: str
    channel: str
    template: str
    state: MessageState
    reason: dict[str, Any] | None  # Any: JSON
    attempts: int
    sent_at: datetime | None
    sentence: str


class RunDetail(RunOut):
    """A run with its messages and what its steps came to."""

    messages: list[RunMessage]
    steps: dict[str, Any] = Field(description="Results by step id: `steps.<id>` in conditions and templates.")


class RunsPage(BaseModel):
    """One page of the list, newest first."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    runs: list[RunOut] = Field(max_length=MOST_LISTED)
    next_cursor: UUID | None = Field(description="Leads to the next page; null on the last one.")


class MoveIn(BaseModel):
    """Where to move a wait."""

    model_config = ConfigDict(extra="forbid")

    to: datetime = Field(description="ISO 8601 with an offset; what is past means at once.")


class StopIn(BaseModel):
    """Why a run is stopped."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field("by an operator", min_length=1, max_length=200, description="Kept with the run.")


class MovedOut(BaseModel):
    """When the run goes on."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    id: UUID
    due_at: datetime


def run_out(row: Mapping[str, Any]) -> dict[str, Any]:  # Any: a row of run_list, JSON
    """A row under the API's names."""
    said = run_sentence(row["state"], step=row["step_id"], due_at=row["due_at"], stop=row["stop"])
    return {
        "id": row["id"],
        "automation": row["automation"],
        "version": row["version"],
        "state": row["state"],
        "test": row["test"],
        "eventType": row["event_type"],
        "eventKey": row["event_key"],
        "step": row["step_id"],
        "dueAt": row["due_at"],
        "stop": row["stop"],
        "sentence": f"TEST: {said}" if row["test"] else said,
        "createdAt": row["created_at"],
        "startedAt": row["started_at"],
        "endedAt": row["ended_at"],
    }


def run_detail(row: Mapping[str, Any]) -> dict[str, Any]:  # Any: as above
    """With messages and results."""
    return run_out(row) | {"messages": [_message(one) for one in row["messages"]], "steps": row["steps"]}


def runs_page(rows: Sequence[Mapping[str, Any]], limit: int) -> dict[str, Any]:  # Any: as above
    """The page that these rows make; there is one more than `limit` when another page follows."""
    shown = rows[:limit]
    following = shown[-1]["id"] if len(rows) > limit else None
    return {"runs": [run_out(row) for row in shown], "nextCursor": following}


def _message(row: Mapping[str, Any]) -> dict[str, Any]:  # Any: as above
    return {
        "id": row["id"],
        "step": row["step_id"],
        "channel": row["channel"],
        "template": row["template"],
        "state": row["state"],
        "reason": row["reason"],
        "attempts": row["attempts"],
        "sentAt": row["sent_at"],
        "sentence": message_sentence(row["state"], row["reason"]),
    }
