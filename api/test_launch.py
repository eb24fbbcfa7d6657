"""A test launch: one run through the same workflow, marked TEST wherever it shows, counted nowhere."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.client import Client
from temporalio.service import RPCError

from api.trial_body import TestIn
from automation.definition import Definition
from automation.matching import start_events
from automation.runnable import not_runnable
from core.contracts import Launch, automation_run_id
from core.errors import InvalidError, UnavailableError
from core.launching import start_run
from store import automations, runs, test_launches
from store.audit import record_audit
from store.session import Database
from store.tables.run import RunState


@dataclass(frozen=True)
class TestLaunched:
    """What was started; `note` tells when the event is not one that starts the automation."""

    __test__ = False  # no test of pytest's

    run_id: UUID
    event_type: str
    note: str | None

    @property
    def document(self) -> dict[str, Any]:  # JSON
        """As the API answers."""
        told = {"runId": self.run_id, "workflowId": automation_run_id(self.run_id), "eventType": self.event_type}
        return told | {"test": True} | ({"note": self.note} if self.note else {})


async def launch_test(database: Database, client: Client, name: str, wanted: TestIn, *, actor: str) -> TestLaunched:
    """Make the run and start it. Raises NotFoundError, InvalidError, and UnavailableError when Temporal is away."""
    async with database.transaction() as session:
        launch, event_type, note = await _make(session, name, wanted, actor)
    try:
        await start_run(client, launch, event_type=event_type)
    except (RPCError, RuntimeError) as error:
        async with database.transaction() as session:
            await runs.end_run(session, launch.run_id, state=RunState.FAILED, now=datetime.now(UTC))
        raise UnavailableError("Temporal does not answer; the test was not started") from error
    async with database.transaction() as session:
        await runs.mark_started(session, [launch.run_id], datetime.now(UTC))
    return TestLaunched(launch.run_id, event_type, note)


async def _make(session: AsyncSession, name: str, wanted: TestIn, actor: str) -> tuple[Launch, str, str | None]:
    found = await automations.find(session, name)
    version = await automations.version(session, found.id, wanted.version or found.live_number or 0)
    definition = Definition.model_validate(version.definition)
    problems = not_runnable(definition)
    if problems:
        raise InvalidError("; ".join(map(str, problems)), field="version")
    types = start_events(definition)
    if wanted.event is not None:
        if wanted.event.contact_id is not None:
            await test_launches.check_contact(session, wanted.event.contact_id)
        event_id = await test_launches.paste_event(session, wanted.event.pasted, source=f"test:{actor}")
        event_type, order = wanted.event.type, None
    else:
        event = await test_launches.event_to_try(session, wanted.order or "", types)
        event_id, event_type, order = event["id"], event["event_type"], event["event_key"]
    run_id = await test_launches.insert_test_run(
        session, automation_id=found.id, version_id=version.id, event_id=event_id, to=wanted.to
    )
    await record_audit(
        session, actor=actor, action="automation.test", subject=f"automation:{found.name}", details={"run": str(run_id)}
    )
    note = (
        None
        if event_type in types
        else f"{event_type} does not start this automation; it starts on {' or '.join(types)}"
    )
    launch = Launch(
        run_id=run_id,
        automation=found.name,
        order=order,
        definition=version.definition,
        test=True,
        skip_waits=wanted.skip_waits,
    )
    return launch, event_type, note
