"""AutomationRun: one launch of an automation for one event, from its first step to its end or its stop."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from temporalio import workflow
from temporalio.common import Priority
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.call_webhook import WebhookActivities
    from activities.change import ChangeActivities
    from activities.run_steps import RunActivities
    from activities.send_message import SendActivities
    from activities.wait_for_event import AwaitActivities
    from automation.definition import Definition
    from automation.interpreter import Change, Choose, Cursor, End, Flow, GetOrder, Send, Wait, WaitFor, Webhook
    from automation.revision import goes_on
    from core.contracts import (
        HELD,
        WEBHOOK_QUEUE,
        Adoption,
        At,
        Ended,
        Launch,
        Migration,
        Stop,
        StopKind,
        channel_queue,
        fairness_key,
    )
    from core.waiting import Arrived, Moved, MoveWait
    from workflows import options

Step: TypeAlias = GetOrder | Choose | Send | Wait | WaitFor | Change | Webhook
_LONGEST = timedelta(days=5 * 366)


@workflow.defn
class AutomationRun:
    """Walks a pinned definition. Each effect is an activity; a stop ends the run wherever it is."""

    @workflow.init
    def __init__(self, launch: Launch) -> None:
        self._run_id: UUID = launch.run_id
        self._flow = Flow(Definition.model_validate(launch.definition))
        self._version_id = launch.version_id
        self._store = fairness_key(launch.store)
        self._migration: Migration | None = None
        self._order_version: int | None = None
        self._due_at: datetime = workflow.info().start_time - timedelta(seconds=launch.waited)
        self._stop: Stop | None = None
        self._resumed = False
        self._asleep: str | None = None
        """The step where it sleeps."""
        self._moved: datetime | None = None
        self._arrived: list[str] = []
        self._skip_waits = launch.skip_waits
        self._finished = False
        """The last message closed the run."""

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
            if isinstance(effect, End):
                if effect.stopped:
                    self._stop = Stop(kind=StopKind.STEP, reason=_why(effect))
                break
            cursor = await self._pass(cursor, effect)
            if self._finished:
                await workflow.wait_condition(workflow.all_handlers_finished)
                return "done"
        return await self._end()

    async def _pass(self, cursor: Cursor, effect: Step) -> Cursor:
        """Do what a step asks for; where the run is then, in the version that it walks by then."""
        match effect:
            case Choose():
                return cursor.follow(await self._choose(effect))
            case WaitFor():
                branch = await self._wait_for(effect)
                return Cursor(self._flow, cursor.at).taken(branch)
            case Send():
                if not await self._send(effect):
                    return Cursor(self._flow, cursor.at)
            case GetOrder():
                await self._get_order(effect)
            case Wait():
                await self._wait(effect)
            case Change():
                await self._change(effect)
            case Webhook():
                await self._call(effect)
        return Cursor(self._flow, cursor.at).passed()

    @workflow.signal
    def stop(self, stop: Stop) -> None:
        """An event of a stop rule, or an operator, ends this run."""
        self._stop = self._stop or stop

    @workflow.signal
    def arrived(self, arrived: Arrived) -> None:
        """The event that a step waits for has come."""
        self._arrived.append(arrived.step_id)

    @workflow.update
    async def move_wait(self, move: MoveWait) -> datetime:
        """An operator gives the wait another end; gives back when the run goes on."""
        until = self._moved = move.to or workflow.now()
        await workflow.wait_condition(lambda: self._moved is None or self._asleep is None)
        return until

    @move_wait.validator
    def _sleeps(self, move: MoveWait) -> None:
        if self._asleep is None or self._stop is not None:
            raise ApplicationError("the run does not wait", type="NotWaiting")
        if move.to is not None and move.to > workflow.now() + _LONGEST:
            raise ApplicationError("a wait ends within 5 years", type="TooFar")

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

    def _heed(self, stop: Stop | None) -> None:
        self._stop = self._stop or stop

    async def _get_order(self, effect: GetOrder) -> None:
        loaded = await workflow.execute_local_activity_method(
            RunActivities.get_order, self._at(effect.step_id), summary="the order as it is now", **options.DATABASE
        )
        self._order_version = loaded.order_version
        self._heed(loaded.stop)

    async def _choose(self, effect: Choose) -> tuple[tuple[str, str], ...]:
        chosen = await workflow.execute_local_activity_method(
            RunActivities.choose, self._at(effect.step_id), summary=f"which way at {effect.step_id}", **options.DATABASE
        )
        self._heed(chosen.stop)
        return chosen.path

    async def _send(self, effect: Send) -> bool:
        """One message. False when a pause held it and has ended, or the version changed: it is to be asked again."""
        self._resumed = False
        sent = await workflow.execute_activity_method(
            SendActivities.send_message,
            self._at(effect.step_id),
            task_queue=channel_queue(effect.step.channel),
            summary=f"{effect.step_id}: {effect.step.template} by {effect.step.channel}",
            priority=Priority(fairness_key=self._store),
            **options.SEND,
        )
        self._heed(sent.stop)
        self._finished = sent.finished
        if sent.state != HELD or self._stop is not None:
            return True
        if sent.until is not None:
            await self._sleep(effect.step_id, sent.until)
            return False
        workflow.set_current_details(f"{effect.step_id}: held, the automation is paused")
        await workflow.wait_condition(lambda: self._resumed or self._stop is not None or self._migration is not None)
        return False

    async def _wait(self, effect: Wait) -> None:
        planned = await workflow.execute_local_activity_method(
            RunActivities.plan_wait,
            self._at(effect.step_id),
            summary=f"due moment of {effect.step_id}",
            **options.DATABASE,
        )
        self._heed(planned.stop)
        if self._stop is not None or planned.due_at is None:
            return
        self._due_at = planned.due_at
        if not self._skip_waits:
            self._due_at = await self._sleep(effect.step_id, planned.due_at)

    async def _wait_for(self, effect: WaitFor) -> str:
        """The branch: `then` for the event, `else` for the timeout. The database knows, the signal only wakes."""
        step_id = effect.step_id
        planned = await workflow.execute_local_activity_method(
            AwaitActivities.begin_wait_for, self._at(step_id), summary=f"{step_id}: from now on", **options.DATABASE
        )
        self._heed(planned.stop)
        if planned.due_at is not None and not planned.arrived and not self._skip_waits:
            self._due_at = await self._sleep(step_id, planned.due_at, lambda: step_id in self._arrived)
        if self._stop is not None:
            return "else"
        waited = await workflow.execute_local_activity_method(
            AwaitActivities.end_wait_for, self._at(step_id), summary=f"whether it came to {step_id}", **options.DATABASE
        )
        self._heed(waited.stop)
        if waited.branch == "then":
            self._due_at = workflow.now()
        return waited.branch

    async def _sleep(self, step_id: str, until: datetime, awake: Callable[[], bool] = lambda: False) -> datetime:
        """A durable timer that a stop, `awake` or an operator ends. Gives back when it was due.

        What an operator moves is due at its new moment, also a message that its window holds.
        """
        self._asleep, self._moved = step_id, None
        while self._stop is None and not awake():
            due = f"{step_id}: due {until:%Y-%m-%d %H:%M} UTC"
            workflow.set_current_details(due)
            try:
                await workflow.wait_condition(
                    lambda: self._stop is not None or self._moved is not None or self._migration is not None or awake(),
                    timeout=max(until - workflow.now(), timedelta()),
                    timeout_summary=due,
                )
            except TimeoutError:
                break
            await self._adopt(step_id)  # what is due stays due
            if self._moved is not None:
                until = self._due_at = self._moved
                await workflow.execute_local_activity_method(
                    RunActivities.move_wait,
                    Moved(run_id=self._run_id, step_id=step_id, due_at=until),
                    summary=f"an operator moved {step_id}",
                    **options.DATABASE,
                )
                self._moved = None if self._moved == until else self._moved
        self._asleep = None
        return until

    async def _change(self, effect: Change) -> None:
        passed = await workflow.execute_local_activity_method(
            ChangeActivities.change, self._at(effect.step_id), summary=effect.step_id, **options.DATABASE
        )
        self._heed(passed.stop)

    async def _call(self, effect: Webhook) -> None:
        passed = await workflow.execute_activity_method(
            WebhookActivities.call_webhook,
            self._at(effect.step_id),
            task_queue=WEBHOOK_QUEUE,
            summary=f"{effect.step_id}: a call",
            **options.WEBHOOK,
        )
        self._heed(passed.stop)

    async def _end(self) -> str:
        await workflow.wait_condition(workflow.all_handlers_finished)
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
