"""A run of a backtest, and who is told what becomes of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from automation.action_steps import SendStep
from automation.backtest_event import PastEvent
from automation.choices import Choice
from automation.conditions import Because
from automation.effects import Effect
from automation.fields import Facts
from automation.matching import Match
from automation.steps import WaitForStep


@dataclass(slots=True, eq=False)
class VirtualRun:
    """One launch, where it is, and what it has seen."""

    number: int
    event: PastEvent
    started_at: datetime
    step_id: str | None
    order: Facts
    """As the run has seen it: at its event, then at each get_order."""
    newest: Facts
    """The order as it is now."""
    facts_event: Facts
    due_at: datetime
    """When the step at which the run is became due."""
    wake: int = 0
    """Which of its timers is the valid one; an event that wakes the run makes the others void."""
    asleep: bool = False
    """Whether the next timer ends the wait at which the run is."""
    awaits: WaitForStep | None = None
    steps: dict[str, Any] = field(default_factory=dict)  # outcomes by step, as facts
    stopped_by: PastEvent | None = None
    """From then on it is a ghost: it walks on only to tell what the stop prevented."""
    ended: bool = False

    @property
    def contact_key(self) -> str:
        """What splits go by."""
        return str(self.event.contact_id or self.event.id)


class Watcher:
    """Is told of everything that a backtest finds; those who derive from it listen to what they need."""

    def not_matched(self, event: PastEvent, match: Match) -> None:
        """The event is of a type that starts, and did not."""

    def suppressed(self, event: PastEvent, rule: str) -> None:
        """The launch was refused: by uniqueness, or because a run goes on."""

    def launched(self, run: VirtualRun, because: Because | None) -> None:
        """A run began."""

    def stopped(self, run: VirtualRun, at: datetime, why: str) -> None:
        """A run ended before its last step."""

    def passed(self, run: VirtualRun, effect: Effect, at: datetime) -> None:
        """A step that is neither send, wait nor branch was passed."""

    def chose(self, run: VirtualRun, choices: Sequence[Choice], at: datetime) -> None:
        """A chain of branches was taken."""

    def supposed(self, run: VirtualRun, step_id: str, branch: str, at: datetime) -> None:
        """A branch was taken because whoever asks wants to see it."""

    def waits(self, run: VirtualRun, effect: Effect, at: datetime, due: datetime, notes: Sequence[str]) -> None:
        """A wait begins."""

    def shifted(self, run: VirtualRun, step_id: str, cause: str, wanted: datetime, at: datetime) -> None:
        """A holiday or the allowed send time moved a moment."""

    def woken(self, run: VirtualRun, step: WaitForStep, event: PastEvent, at: datetime) -> None:
        """The awaited event came."""

    def sent(self, run: VirtualRun, step: SendStep, at: datetime, facts: Callable[[], Facts]) -> None:
        """A message would have been sent; `facts` are put together for who asks."""

    def prevented(self, run: VirtualRun, step: SendStep, at: datetime) -> None:
        """A message that a stop kept back."""

    def skipped(self, run: VirtualRun, step: SendStep, at: datetime, code: str) -> None:
        """A message that was not sent for another reason."""

    def ended(self, run: VirtualRun, at: datetime) -> None:
        """A run came to its end."""
