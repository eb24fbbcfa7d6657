"""What crosses Temporal: ids, queues, search attributes, and one frozen model per call.

Fields are added with defaults; none is renamed or retyped, because histories that sleep for weeks carry them.
Nothing personal and nothing unbounded is in here: ids and small facts, activities load the rows.
"""

from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from temporalio.common import SearchAttributeKey

QUEUE = "ordercue"
"""Workflows and the activities that only touch PostgreSQL."""

WEBHOOK_QUEUE = f"{QUEUE}-webhooks"
"""Activities that call addresses of users: slow ones keep nothing else waiting."""

PROCESS_WORKFLOW = "ProcessEvents"
RUN_WORKFLOW = "AutomationRun"
SWEEP_WORKFLOW = "Sweep"
RESUME_WORKFLOW = "ResumeAutomation"
MIGRATE_WORKFLOW = "MigrateRuns"
ARCHIVE_WORKFLOW = "EndRuns"
DELETE_ORDERS_WORKFLOW = "DeleteOrders"
RETENTION_WORKFLOW = "Retention"
STOP_SIGNAL = "stop"
RESUME_SIGNAL = "resume"
MIGRATE_SIGNAL = "migrate"
ARRIVED_SIGNAL = "arrived"
MOVE_WAIT_UPDATE = "move_wait"
"""Names under which activities and the API start and signal workflows without importing them."""

SWEEP_SCHEDULE_ID = "sweep"
RETENTION_SCHEDULE_ID = "retention"
RECALCULATE_WORKFLOW = "Recalculate"
RECALCULATION_ID = "recalculate"
"""Id of the nightly schedule, and of the pass that is asked for: one at a time."""

AUTOMATION_ATTRIBUTE = SearchAttributeKey.for_keyword("OrdercueAutomation")
ORDER_ATTRIBUTE = SearchAttributeKey.for_keyword("OrdercueOrder")
EVENT_ATTRIBUTE = SearchAttributeKey.for_keyword("OrdercueEvent")
TEST_ATTRIBUTE = SearchAttributeKey.for_keyword("OrdercueTest")
"""`TEST` on test launches, absent on real ones."""
SEARCH_ATTRIBUTES = (AUTOMATION_ATTRIBUTE, ORDER_ATTRIBUTE, EVENT_ATTRIBUTE, TEST_ATTRIBUTE)


def channel_queue(channel: str) -> str:
    """The queue of the activities that call this channel's provider, so that it can have its own rate."""
    return f"{QUEUE}-{channel}"


def fairness_key(store: str | None) -> str | None:
    """What Temporal divides a channel's rate by: the shop, short enough for Temporal (64 bytes)."""
    return blake2b(store.encode(), digest_size=16).hexdigest() if store else None


def process_events_id(batch_id: UUID) -> str:
    """The id makes a second start of the same batch harmless."""
    return f"process-events/{batch_id}"


def automation_run_id(run_id: UUID) -> str:
    """Temporal's workflow id of a run."""
    return f"run/{run_id}"


def resume_automation_id(automation_id: UUID) -> str:
    """One release of an automation's held runs at a time."""
    return f"resume/{automation_id}"


def delete_orders_id(request_id: UUID) -> str:
    """One deletion of the same orders at a time."""
    return f"delete-orders/{request_id}"


def migrate_runs_id(version_id: UUID) -> str:
    """One move of running runs to a version."""
    return f"migrate/{version_id}"


def end_runs_id(automation_id: UUID) -> str:
    """One ending of an archived automation's runs at a time."""
    return f"archive/{automation_id}"


class Contract(BaseModel):
    """Base of everything that crosses Temporal."""

    model_config = ConfigDict(frozen=True)


class AutomationRef(Contract):
    """An automation, by its id."""

    automation_id: UUID


class VersionRef(Contract):
    """A published version, to which runs of earlier ones are to go on."""

    automation_id: UUID
    version_id: UUID


class Migration(Contract):
    """A newer version for a run that is under way, with its definition."""

    version_id: UUID
    definition: dict[str, Any]  # JSON of automation.definition.Definition, checked where it is used


class Adoption(Contract):
    """A run has taken up another version."""

    run_id: UUID
    version_id: UUID


class Decided(Contract):
    """What a batch's decisions left to do in Temporal."""

    started: int = 0
    stopped: int = 0
    woken: int = 0
    at_once: bool = False
    """So few that they are started and signalled within the same workflow task; False in histories of before."""

    @property
    def dispatch(self) -> bool:
        """Whether there is anything to start or signal."""
        return bool(self.started or self.stopped or self.woken)


class Batches(Contract):
    """One or more batches that go through ProcessEvents together."""

    batch_ids: tuple[UUID, ...]
    decided: Decided | None = None
    """For dispatch: what there is to do, so that it need not look for the rest; None in histories of before."""


class Dispatched(Contract):
    """What one ProcessEvents did."""

    started: int = 0
    signalled: int = 0


class Launch(Contract):
    """Input of AutomationRun. The definition is pinned: editing the automation does not change a run."""

    run_id: UUID
    automation: str
    order: str | None = None
    definition: dict[str, Any]  # JSON of automation.definition.Definition, checked where it is used
    version_id: UUID | None = None
    test: bool = False
    """Counted nowhere, and marked TEST wherever it shows."""
    skip_waits: bool = False
    """Waits of a test are planned and passed at once."""
    store: str | None = None
    """The shop of the order, so that one shop's many messages do not keep back another's few."""
    waited: float = 0
    """Seconds between its event and its start: after a pause or an outage its first steps are as late."""


class At(Contract):
    """A place in a run: which step, when, and which version of the order the run has seen."""

    run_id: UUID
    step_id: str
    now: datetime
    """Workflow time; the clock of every rule that a run's activities apply."""
    order_version: int | None = None
    due_at: datetime | None = None
    """When the step became due: the last wait's due moment, else that of the event that started the run."""
    resend: bool = False
    """An operator wants the message again: neither the end of its run nor caps and windows hold it back."""
    version_id: UUID | None = None
    """The version that the workflow walks; None in runs begun before it was told: the one of their row."""


class StopKind(StrEnum):
    """Why a run ends before its last step."""

    RULE = "rule"
    OPERATOR = "operator"
    STEP = "step"
    ORDER_DELETED = "order_deleted"
    CONTACT_DELETED = "contact_deleted"
    CONTACT_ERASED = "contact_erased"
    REPLACED = "replaced"
    ARCHIVED = "archived"
    DRAINED = "drained"


class Stop(Contract):
    """Why a run was stopped."""

    kind: StopKind
    reason: str
    """A sentence without personal data."""
    event_id: UUID | None = None
    rule: str | None = None
    """Place in the definition of the stop rule that the event fulfilled, such as `stop[0]`."""

    @classmethod
    def by_leaving(cls, channel: str, place: int | None = None) -> Self:
        """Of a run whose contact left the channel that the stop rule at this place names; None where SQL finds it."""
        rule = None if place is None else f"stop[{place}]"
        return cls(kind=StopKind.RULE, reason=f"unsubscribed from {channel}", rule=rule)


NO_ORDER = 0
"""As `order_version`: another order was asked for and there is none."""


class Loaded(Contract):
    """Outcome of get_order."""

    order_version: int | None = None
    stop: Stop | None = None


class Chosen(Contract):
    """Outcome of a chain of branches: (step, branch) pairs in the order in which they were passed."""

    path: tuple[tuple[str, str], ...] = ()
    stop: Stop | None = None


class Planned(Contract):
    """Outcome of planning a wait."""

    due_at: datetime | None = None
    note: str = ""
    stop: Stop | None = None
    arrived: bool = False
    """Of a wait_for: what it waits for has come already."""


class Passed(Contract):
    """Outcome of a step that leaves its result in PostgreSQL."""

    stop: Stop | None = None


HELD = "held"
"""State in `Sent` of a message that has to wait: until its window opens, else for the signal `resume`."""


class Sent(Contract):
    """Outcome of send_message: the ledger row's state and the code of the reason."""

    state: str
    reason: str | None = None
    stop: Stop | None = None
    until: datetime | None = None
    """With `held`: when the allowed send time begins."""
    finished: bool = False
    """It was the last step, and the run was closed as `done` in the same transaction."""


class Ended(Contract):
    """Input of finish_run."""

    run_id: UUID
    now: datetime
    stop: Stop | None = None


class Swept(Contract):
    """What one sweep found and started."""

    batches: int = 0
    schedules: int = 0
    """Of regular automations, looked after."""


class Recalculation(Contract):
    """How far a full pass over the contacts has come, and what it changed."""

    after: UUID = UUID(int=0)
    segments: tuple[tuple[UUID, datetime], ...] = ()
    """The dynamic segments that there were at its beginning, and when each was last changed."""
    contacts: int = 0
    total: int = 0
    """How many contacts there were at its beginning."""
    moved: int = 0
    entered: int = 0
    left: int = 0
    done: bool = False
