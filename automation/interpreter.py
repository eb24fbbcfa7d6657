"""Turns a definition and the outcomes of its steps into the next effect. Pure, so a replay goes the same way.

There are no loops in the language: a cursor only moves on in the order of the document, so every run ends.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from automation.choices import Choice, Path, choose
from automation.effects import Change, Choose, Effect, End, GetOrder, Send, Wait, WaitFor, Webhook
from automation.flow import Flow, FlowError

__all__ = [
    "Change",
    "Choice",
    "Choose",
    "Cursor",
    "Effect",
    "End",
    "Flow",
    "FlowError",
    "GetOrder",
    "Path",
    "Send",
    "Wait",
    "WaitFor",
    "Webhook",
    "choose",
]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a run is. `at` is all there is to keep: the id of a step, or None at the end."""

    flow: Flow
    at: str | None

    @classmethod
    def start(cls, flow: Flow) -> Self:
        """At the first step."""
        return cls(flow, flow.first)

    @property
    def effect(self) -> Effect:
        """What to do next. Raises FlowError when the definition has no such step."""
        return self.flow.effect(self.at)

    def passed(self) -> Self:
        """Behind a step that has no branches."""
        effect = self.effect
        if isinstance(effect, (End, Choose, WaitFor)):
            raise FlowError(f"{effect.step_id!r} is not a step that is passed")
        return type(self)(self.flow, self.flow.after(effect.step_id))

    def taken(self, branch: str) -> Self:
        """In a branch of the step: `then` or `else`, the name of a case or arm, or `default`."""
        try:
            return type(self)(self.flow, self.flow.heads[self.at or "", branch])
        except KeyError:
            raise FlowError(f"step {self.at!r} has no branch {branch!r}") from None

    def follow(self, path: Iterable[tuple[str, str]]) -> Self:
        """Behind a chain of branches, as `choose` (or whoever keeps its `pairs`) tells."""
        cursor = self
        for step_id, branch in path:
            if cursor.at != step_id:
                raise FlowError(f"the path is at {step_id!r}, the run at {cursor.at!r}")
            cursor = cursor.taken(branch)
        return cursor
