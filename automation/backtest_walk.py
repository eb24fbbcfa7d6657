"""One run of a backtest taking its steps: the interpreter's effects, answered from the past and not by activities."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from automation.backtest_event import Needs, PastEvent
from automation.backtest_run import VirtualRun, Watcher
from automation.backtest_time import Planner
from automation.choices import choose
from automation.effects import Choose, Effect, End, GetOrder, Send, Wait, WaitFor
from automation.flow import Flow

ADDRESSES = {"email": "email", "sms": "phone"}
"""Which field of a contact a channel needs; of other channels it is not known."""
_NO_FACTS: Mapping[str, Any] = {}  # JSON


class Walker:
    """Moves runs on. A stopped run goes on as a ghost, of which only the messages that it does not send are told."""

    def __init__(self, flow: Flow, watcher: Watcher, planner: Planner, needs: Needs, assume: Mapping[str, str]) -> None:
        self._flow = flow
        self._tell = watcher
        self._planner = planner
        self._needs = needs
        self._assume = assume

    def wake(self, run: VirtualRun, at: datetime) -> datetime | None:
        """A timer came. Gives the moment until which the run sleeps now, None when it has ended."""
        if run.awaits is not None:
            self._came_to(run, run.awaits.id, {"branch": "else"})
            run.step_id = self._flow.head(run.step_id, "else")
            run.awaits = None
        elif run.asleep:
            run.step_id = self._flow.after(run.step_id)
            run.asleep = False
        until: datetime | None = None
        while until is None and not run.ended:
            until = self._step(run, self._flow.effect(run.step_id), at)
        return until

    def come(self, run: VirtualRun, event: PastEvent) -> None:
        """The event came that the run waits for."""
        if run.awaits is not None:
            self._tell.woken(run, run.awaits, event, event.at)
            self._came_to(run, run.awaits.id, {"branch": "then"})
        run.due_at = event.at
        run.step_id = self._flow.head(run.step_id, "then")
        run.awaits = None

    def _step(self, run: VirtualRun, effect: Effect, at: datetime) -> datetime | None:
        """Take one step; gives a moment when the run has to sleep at it."""
        match effect:
            case Send():
                return self._send(run, effect, at)
            case Wait():
                return self._wait(run, effect, at)
            case WaitFor():
                return self._wait_for(run, effect, at)
            case Choose():
                run.step_id = self._choose(run, effect, at)
            case End():
                self._end(run, effect, at)
            case _:
                if isinstance(effect, GetOrder):
                    run.order = run.newest
                if run.stopped_by is None:
                    self._tell.passed(run, effect, at)
                run.step_id = self._flow.after(run.step_id)
        return None

    def _send(self, run: VirtualRun, effect: Send, at: datetime) -> datetime | None:
        step = effect.step
        code = ""
        if self._planner.is_late(step, run.due_at, at, _zone(run)):
            code = "too_late"
        elif step.to is None and (need := ADDRESSES.get(step.channel)) and not (run.event.contact or {}).get(need):
            code = "no_address"
        moment = at if code else self._planner.window(step, at, _zone(run))
        if moment > at:
            if run.stopped_by is None:
                self._tell.shifted(run, step.id, "window", at, moment)
            return moment
        if run.stopped_by is not None:
            if not code:
                self._tell.prevented(run, step, at)
        elif code:
            self._tell.skipped(run, step, at, code)
        else:
            self._tell.sent(run, step, at, partial(self._facts, run, at))
        self._came_to(run, step.id, {"state": "skipped" if code else "delivered"})
        run.step_id = self._flow.after(run.step_id)
        return None

    def _wait(self, run: VirtualRun, effect: Wait, at: datetime) -> datetime:
        planned = self._planner.plan(
            effect.step, at, _zone(run), self._facts(run, at) if effect.step.until else _NO_FACTS
        )
        if run.stopped_by is None:
            self._tell.waits(run, effect, at, planned.at, planned.notes)
            if planned.without_holidays is not None:
                self._tell.shifted(run, effect.step_id, "holiday", planned.without_holidays, planned.at)
        run.due_at, run.asleep = planned.at, True
        return planned.at

    def _wait_for(self, run: VirtualRun, effect: WaitFor, at: datetime) -> datetime | None:
        planned = self._planner.plan(effect.step, at, _zone(run), _NO_FACTS)
        if run.stopped_by is None:
            self._tell.waits(run, effect, at, planned.at, planned.notes)
        if self._assume.get(effect.step_id) == "then":
            self._came_to(run, effect.step_id, {"branch": "then"})
            run.step_id = self._flow.head(run.step_id, "then")
            return None
        run.awaits = effect.step
        run.due_at = planned.at
        return planned.at

    def _choose(self, run: VirtualRun, effect: Choose, at: datetime) -> str | None:
        wanted = self._assume.get(effect.step_id)
        if wanted is not None and effect.step.kind == "check_message":
            if run.stopped_by is None:
                self._tell.supposed(run, effect.step_id, wanted, at)
            return self._flow.head(effect.step_id, wanted)
        choices = choose(self._flow, effect.step_id, self._facts(run, at), contact_key=run.contact_key).choices
        cut = next((n for n, each in enumerate(choices) if n and each.step_id in self._assume), len(choices))
        choices = choices[:cut]
        for each in choices:
            self._came_to(run, each.step_id, {"branch": each.branch})
        if run.stopped_by is None:
            self._tell.chose(run, choices, at)
        return self._flow.head(choices[-1].step_id, choices[-1].branch)

    def _end(self, run: VirtualRun, effect: End, at: datetime) -> None:
        run.ended = True
        if run.stopped_by is None and effect.stopped:
            why = effect.step.reason if effect.step else ""
            self._tell.stopped(run, at, why or f"the step {effect.step_id} ends the run")
        elif run.stopped_by is None:
            self._tell.ended(run, at)

    def _came_to(self, run: VirtualRun, step_id: str, outcome: dict[str, Any]) -> None:  # JSON
        if self._needs.steps:
            run.steps[step_id] = outcome

    def _facts(self, run: VirtualRun, at: datetime) -> dict[str, Any]:  # JSON
        return {
            "order": run.order,
            "event": run.facts_event,
            "contact": run.event.contact or _NO_FACTS,
            "run": _of_run(run, at) if self._needs.run else _NO_FACTS,
            "steps": run.steps,
        }


def _of_run(run: VirtualRun, at: datetime) -> dict[str, Any]:  # JSON
    return {
        "id": str(run.number),
        "startedAt": run.started_at.isoformat(),
        "now": at.isoformat(),
        "test": False,
    }


def _zone(run: VirtualRun) -> str | None:
    found: str | None = (run.event.contact or {}).get("timeZone")
    return found
