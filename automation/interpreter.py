"""Turns a definition and the outcomes of its steps into the next effect. Pure, so a replay goes the same way.

There are no loops in the language: a cursor only moves on in the order of the document, so every run ends.
"""

from collections.abc import Iterable
from typing import NamedTuple

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


class Cursor(NamedTuple):
    """Where a run is. `at` is all there is to keep: the id of a step, or None at the end."""

    flow: Flow
    at: str | None

    @classmethod
    def start(cls, flow: Flow) -> "Cursor":
        """At the first step."""
        return cls(flow, flow.first)

    @property
    def effect(self) -> Effect:
        """What to do next. Raises FlowError when the definition has no such step."""
        return self.flow.effect(self.at)

    def passed(self) -> "Cursor":
        """Behind a step that has no branches. Raises FlowError at any other."""
        return Cursor(self.flow, self.flow.after(self.at))

    def taken(self, branch: str) -> "Cursor":
        """In a branch of the step: `then` or `else`, the name of a case or arm, or `default`. May raise FlowError."""
        return Cursor(self.flow, self.flow.head(self.at, branch))

    def follow(self, path: Iterable[tuple[str, str]]) -> "Cursor":
        """Behind a chain of branches, as `choose` (or whoever keeps its `pairs`) tells."""
        cursor = self
        for step_id, branch in path:
            if cursor.at != step_id:
                raise FlowError(f"the path is at {step_id!r}, the run at {cursor.at!r}")
            cursor = cursor.taken(branch)
        return cursor
