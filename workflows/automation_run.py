"""AutomationRun: one launch of an automation for one event, from its first step to its end or its stop."""

from datetime import datetime
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.run_steps import RunActivities
    from activities.send_message import SendActivities
    from automation.definition import Definition
    from automation.interpreter import Choose, Cursor, End, Flow, GetOrder, Send, Wait
    from automation.revision import goes_on
    from core.contracts import HELD, Adoption, At, Ended, Launch, Migration, Stop, StopKind, channel_queue
    from workflows import options


@workflow.defn
class AutomationRun:
    """Walks a pinned definition. Each effect is an activity; a stop ends the run wherever it is."""

    @workflow.init
    def __init__(self, launch: Launch) -> None:
        self._run_id: UUID = launch.run_id
        self._flow = Flow(Definition.model_validate(launch.definition))
        self._version_id = launch.version_id
        self._migration: Migration | None = None
        self._order_version: int | None = None
        self._due_at: datetime = workflow.now()
        self._stop: Stop | None = None
        self._resumed = False
        self._skip_waits = launch.skip_waits

    @workflow.run
    async def run(self, launch: Launch) -> str:
        """The end of the story in a word: done or stopped."""
        story = f"{launch.automation} for order {launch.order}" if launch.order else launch.automation
        story = f"TEST: {story}" if launch.test else story
        cursor = Cursor.start(self._flow)
        while self._stop is None:
            if self._migration is not None:
                await self._adopt(cursor.at)
                cursor = Cursor(self._flow, cursor.at)
            effect = cursor.effect
            workflow.set_current_details(f"{story}: at {effect.step_id}")
            match effect:
                case GetOrder():
                    await self._get_order(effect)
                    cursor = cursor.passed()
                case Choose():
                    cursor = cursor.follow(await self._choose(effect))
                case Send():
                    if await self._send(effect):
                        cursor = cursor.passed()
                case Wait():
                    await self._wait(effect)
                    cursor = Cursor(self._flow, cursor.at).passed()
                case End(stopped=stopped):
                    if stopped:
                        self._stop = Stop(kind=StopKind.STEP, reason=_why(effect))
                    break
                case _:  # publishing refuses these; a run that has one all the same fails where people see it
                    raise ApplicationError(f"this version cannot run {effect.step_id}", non_retryable=True)
        return await self._end()

    @workflow.signal
    def stop(self, stop: Stop) -> None:
        """An event of a stop rule, or an operator, ends this run."""
        self._stop = self._stop or stop

    @workflow.signal
    def resume(self) -> None:
        """The automation is live again after a pause."""
        self._resumed = True

    @workflow.signal
    def migrate(self, migration: Migration) -> None:
        """A newer version was published, and running runs are to go on in it."""
        self._migration = migration

    async def _adopt(self, at: str | None) -> None:
        """Go on in the newer version if it has the step where the run is; else stay."""
        migration, self._migration = self._migration, None
        if migration is None or at is None:
            return
        flow = Flow(Definition.model_validate(migration.definition))
        if not goes_on(self._flow, flow, at):
            return
        await workflow.execute_local_activity_method(
            RunActivities.adopt,
            Adoption(run_id=self._run_id, version_id=migration.version_id),
            summary=f"goes on at {at} in a newer version",
            **options.DATABASE,
        )
        self._flow, self._version_id = flow, migration.version_id

    async def _get_order(self, effect: GetOrder) -> None:
        loaded = await workflow.execute_local_activity_method(
            RunActivities.get_order, self._at(effect.step_id), summary="the order as it is now", **options.DATABASE
        )
        self._order_version = loaded.order_version
        self._stop = self._stop or loaded.stop

    async def _choose(self, effect: Choose) -> tuple[tuple[str, str], ...]:
        chosen = await workflow.execute_local_activity_method(
            RunActivities.choose, self._at(effect.step_id), summary=f"which way at {effect.step_id}", **options.DATABASE
        )
        self._stop = self._stop or chosen.stop
        return chosen.path

    async def _send(self, effect: Send) -> bool:
        """One message. False when a pause held it and has ended, or the version changed: it is to be asked again."""
        self._resumed = False
        sent = await workflow.execute_activity_method(
            SendActivities.send_message,
            self._at(effect.step_id),
            task_queue=channel_queue(effect.step.channel),
            summary=f"{effect.step_id}: {effect.step.template} by {effect.step.channel}",
            **options.SEND,
        )
        self._stop = self._stop or sent.stop
        if sent.state != HELD or self._stop is not None:
            return True
        workflow.set_current_details(f"{effect.step_id}: held, the automation is paused")
        await workflow.wait_condition(lambda: self._resumed or self._stop is not None or self._migration is not None)
        return False

    async def _wait(self, effect: Wait) -> None:
        """A durable timer; a stop ends it at once."""
        planned = await workflow.execute_local_activity_method(
            RunActivities.plan_wait,
            self._at(effect.step_id),
            summary=f"due moment of {effect.step_id}",
            **options.DATABASE,
        )
        self._stop = self._stop or planned.stop
        if self._stop is not None or planned.due_at is None:
            return
        self._due_at = planned.due_at
        if self._skip_waits:
            return
        due = f"{effect.step_id}: due {planned.due_at:%Y-%m-%d %H:%M} UTC"
        workflow.set_current_details(due)
        while self._stop is None:
            try:
                await workflow.wait_condition(
                    lambda: self._stop is not None or self._migration is not None,
                    timeout=planned.due_at - workflow.now(),
                    timeout_summary=due,
                )
            except TimeoutError:
                return
            await self._adopt(effect.step_id)  # what is due stays due

    async def _end(self) -> str:
        return await workflow.execute_local_activity_method(
            RunActivities.finish_run,
            Ended(run_id=self._run_id, now=workflow.now(), stop=self._stop),
            summary="stopped: " + self._stop.reason if self._stop else "done",
            **options.DATABASE,
        )

    def _at(self, step_id: str) -> At:
        return At(
            run_id=self._run_id,
            step_id=step_id,
            now=workflow.now(),
            order_version=self._order_version,
            due_at=self._due_at,
            version_id=self._version_id,
        )


def _why(end: End) -> str:
    written = end.step.reason if end.step else ""
    return written or f"the step {end.step_id} ends the run"
