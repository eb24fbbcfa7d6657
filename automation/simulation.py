"""A simulation: one event walked through a definition in virtual time, with everything that it would do."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from automation.action_steps import SendStep
from automation.backtest import Backtest
from automation.backtest_event import EventFacts, PastEvent
from automation.backtest_report import supposed
from automation.backtest_run import VirtualRun, Watcher
from automation.backtest_time import Account
from automation.choices import Choice
from automation.conditions import Because
from automation.effects import Effect, End
from automation.fields import Facts
from automation.flow import Flow
from automation.matching import Match
from automation.reasons import Code, choice_sentence, reason, sentence
from automation.steps import WaitForStep
from automation.template import CompiledTemplate, TemplateError

Entry = dict[str, Any]  # JSON
_FOREVER = datetime.max.replace(tzinfo=UTC)
_CODES = {"too_late": "it was later than the step allows", "no_address": "the contact has no address for this channel"}


def simulate(
    flow: Flow,
    events: Sequence[PastEvent],
    event_facts: EventFacts,
    *,
    templates: Mapping[str, CompiledTemplate],
    account: Account,
    assume: Mapping[str, str],
    language: str | None = None,
    links: Mapping[str, str] | None = None,
) -> Entry:
    """What the first event would do, the others being what came after it. Nothing is sent and nothing written.

    `language` is the account's, in which messages are for contacts whose own no template speaks; `links` are what
    messages would link to.
    """
    trace = _Trace(flow, templates, language, account.zone, links or {})
    engine = Backtest(flow, trace, event_facts, account=account, assume=assume, whole=True)
    trace.run_number = 1
    first = events[0]
    engine.take([first])
    # later events end and wake this run; a second launch is another story
    engine.take(event for event in events[1:] if event.type in engine.needs.types or event.order_id == first.order_id)
    engine.run_until(_FOREVER)
    return {
        "automation": flow.definition.name,
        "event": {"type": first.type, "key": first.key, "at": first.at},
        **trace.answer,
        "steps": trace.steps,
        "notes": list(supposed(flow)),
    }


class _Trace(Watcher):
    """Writes the first run's way down."""

    def __init__(
        self,
        flow: Flow,
        templates: Mapping[str, CompiledTemplate],
        language: str | None,
        zone: str,
        links: Mapping[str, str],
    ) -> None:
        self._flow = flow
        self._links = links
        self._templates = templates
        self._language = language
        self._zone = zone
        self.run_number = 1
        self.answer: Entry = {"outcome": "not_matched", "sentence": "Not matched: the event does not start it"}
        self.steps: list[Entry] = []
        self._decided = False

    def not_matched(self, event: PastEvent, match: Match) -> None:
        """The first event did not start it."""
        del event
        if not self._decided:
            self.answer = {"outcome": "not_matched", "reason": match.reason, "sentence": sentence(match.reason)}
            self._decided = True

    def launched(self, run: VirtualRun, because: Because | None) -> None:
        """The first event started it."""
        if run.number == self.run_number and not self._decided:
            why = reason(Code.STARTED, because=because.as_json() if because else None)
            self.answer = {"outcome": "started", "reason": why, "sentence": sentence(why)}
        self._decided = True

    def stopped(self, run: VirtualRun, at: datetime, why: str) -> None:
        """The run ended before its last step."""
        by = run.stopped_by
        event = {"type": by.type, "key": by.key, "at": by.at} if by else None
        self._note(run, run.step_id, "stopped", at, f"Stopped: {why}", event=event)

    def passed(self, run: VirtualRun, effect: Effect, at: datetime) -> None:
        """A step was passed that this does not carry out, or a get_order."""
        kind = "end" if isinstance(effect, End) else effect.step.kind
        said = "Loads the order as it is then" if kind == "get_order" else f"Would {kind.replace('_', ' ')}"
        self._note(run, effect.step_id, kind, at, said)

    def chose(self, run: VirtualRun, choices: Sequence[Choice], at: datetime) -> None:
        """Branches, each with the value that decided."""
        for step_id, branch, because in choices:
            told = choice_sentence(step_id, branch, because)
            more = {"branch": branch, "because": because.as_json() if because else None}
            self._note(run, step_id, self._flow.steps[step_id].kind, at, told, **more)

    def supposed(self, run: VirtualRun, step_id: str, branch: str, at: datetime) -> None:
        """A branch that was asked for."""
        told = f"At {step_id} it is supposed to take {branch}"
        self._note(run, step_id, self._flow.steps[step_id].kind, at, told, branch=branch)

    def waits(self, run: VirtualRun, effect: Effect, at: datetime, due: datetime, notes: Sequence[str]) -> None:
        """A wait with its due moment, and why then."""
        kind = "end" if isinstance(effect, End) else effect.step.kind
        until = "Waits until" if kind == "wait" else "Waits for an event, at most until"
        told = f"{until} {self._clock(due)}"
        self._note(run, effect.step_id, kind, at, told, dueAt=due, notes=list(notes))

    def woken(self, run: VirtualRun, step: WaitForStep, event: PastEvent, at: datetime) -> None:
        """The awaited event."""
        self._note(run, step.id, "wait_for", at, f"{event.type} came", branch="then")

    def shifted(self, run: VirtualRun, step_id: str, cause: str, wanted: datetime, at: datetime) -> None:
        """Moved by a holiday or the allowed send time."""
        what = "A holiday" if cause == "holiday" else "The allowed send time"
        self._note(run, step_id, "shifted", wanted, f"{what} moves it to {self._clock(at)}", dueAt=at)

    def sent(self, run: VirtualRun, step: SendStep, at: datetime, facts: Callable[[], Facts]) -> None:
        """The message, rendered."""
        template = self._templates.get(step.template)
        message: Entry = {"channel": step.channel, "template": step.template}
        told = f"Sends {step.template} by {step.channel}"
        if template is None:
            told = f"Fails: there is no template {step.template}"
        else:
            try:
                rendered = template.render({**self._links, **facts()}, self._language, self._zone)
                message |= {"subject": rendered.subject, "text": rendered.text, "html": rendered.html}
                message |= {"locale": rendered.locale} if rendered.locale else {}
            except TemplateError as error:
                told, message["error"] = "Fails: the template cannot be rendered", str(error)
        self._note(run, step.id, "send", at, told, message=message)

    def skipped(self, run: VirtualRun, step: SendStep, at: datetime, code: str) -> None:
        """A message that would not be sent."""
        self._note(run, step.id, "send", at, f"Skips {step.template}: {_CODES.get(code, code)}", code=code)

    def ended(self, run: VirtualRun, at: datetime) -> None:
        """The last step is behind it."""
        self._note(run, None, "end", at, "Done")

    def _clock(self, at: datetime) -> str:
        """A moment on the account's clock."""
        return f"{at.astimezone(ZoneInfo(self._zone)):%Y-%m-%d %H:%M} {self._zone}"

    def _note(self, run: VirtualRun, step_id: str | None, kind: str, at: datetime, told: str, **more: object) -> None:
        if run.number == self.run_number:
            found = {name: value for name, value in more.items() if value not in (None, [])}
            self.steps.append({"step": step_id, "kind": kind, "at": at, "sentence": told} | found)
