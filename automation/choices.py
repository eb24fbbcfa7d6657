"""Which way a run takes at branches that facts decide: if, switch, split, check_message."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate
from typing import Any, NamedTuple

from automation.conditions import Because, compile_condition
from automation.effects import Choose
from automation.fields import Facts
from automation.flow import Chooser, Flow
from automation.steps import CheckMessageStep, IfStep, SplitStep, SwitchStep

_PROGRESS = {"sent": 1, "bounced": 1, "delivered": 2, "complained": 2, "opened": 3, "clicked": 4}
"""How far a message in a state of the ledger has come; the other states are 0."""


class Choice(NamedTuple):
    """One branch taken."""

    step_id: str
    branch: str
    because: Because | None
    """What decided; None for a split."""


@dataclass(frozen=True, slots=True)
class Path:
    """A chain of branches, up to the next effect."""

    choices: tuple[Choice, ...]

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Step id and branch of each; all that a run needs to follow."""
        return tuple((choice.step_id, choice.branch) for choice in self.choices)


def choose(flow: Flow, step_id: str, facts: Facts, *, contact_key: str) -> Path:
    """Walk the chain of branches that begins at a step. Raises FlowError when there is no such step.

    `contact_key` is what stays the same for a person: the contact's id.
    """
    choices: list[Choice] = []
    at: str | None = step_id
    while at is not None and isinstance(effect := flow.effect(at), Choose):
        chooser = flow.choosers.get(at) or flow.choosers.setdefault(at, _chooser(flow, effect))
        branch, because = chooser(facts, contact_key)
        choices.append(Choice(at, branch, because))
        at = flow.head(at, branch)
    return Path(tuple(choices))


def arm_of(split: SplitStep, contact_key: str) -> str:
    r"""The arm of a person: where the hash of split id and contact key falls on the line of weights.

    SHA-256 of `<split id>\n<contact key>`, its first 8 bytes as a number n of 0 … 2^64 - 1, times all weights,
    divided by 2^64: the first arm whose weights up to and including its own are more than that.
    """
    digest = sha256(f"{split.id}\n{contact_key}".encode()).digest()
    sums = list(accumulate(arm.weight for arm in split.arms))
    point = int.from_bytes(digest[:8]) * sums[-1] >> 64
    return next(arm.name for arm, upto in zip(split.arms, sums, strict=True) if point < upto)


def _chooser(flow: Flow, effect: Choose) -> Chooser:
    match effect.step:
        case IfStep() as step:
            return _of_if(step)
        case SwitchStep() as step:
            return _of_switch(step)
        case SplitStep() as step:
            return _of_split(step)
        case CheckMessageStep() as step:
            return _of_check(step, _sends_before(flow, step))


def _of_if(step: IfStep) -> Chooser:
    check = compile_condition(step.where, f"{step.id}.where")

    def choose_branch(facts: Facts, _: str) -> tuple[str, Because]:
        held, because = check(facts)
        return ("then" if held else "else"), because

    return choose_branch


def _of_switch(step: SwitchStep) -> Chooser:
    checks = tuple((case.name, compile_condition(case.where, f"{step.id}.{case.name}.where")) for case in step.cases)

    def choose_branch(facts: Facts, _: str) -> tuple[str, Because | None]:
        because = None
        for name, check in checks:
            held, because = check(facts)
            if held:
                return name, because
        return "default", because

    return choose_branch


def _of_split(step: SplitStep) -> Chooser:
    return lambda _, contact_key: (arm_of(step, contact_key), None)


def _sends_before(flow: Flow, step: CheckMessageStep) -> tuple[str, ...]:
    """The sends that may be meant, nearest first: a run moves on in the order of the document alone."""
    if step.message is not None:
        return (step.message,)
    order = list(flow.steps)
    before = order[: order.index(step.id)]
    return tuple(step_id for step_id in reversed(before) if flow.steps[step_id].kind == "send")


def _of_check(step: CheckMessageStep, sends: tuple[str, ...]) -> Chooser:
    def choose_branch(facts: Facts, _: str) -> tuple[str, Because]:
        outcomes = facts.get("steps") or {}
        send = next((each for each in sends if each in outcomes), sends[0])
        state = _state(outcomes.get(send))
        held = _PROGRESS.get(state or "", 0) >= _PROGRESS[step.state]
        return ("then" if held else "else"), Because(f"{step.id}.state", f"message {send}", "gte", step.state, state)

    return choose_branch


def _state(outcome: Any) -> str | None:  # the outcome of a send, as the facts hold it
    """The state, or what was reached before it when that is further: who complained may have clicked."""
    if not isinstance(outcome, Mapping):
        return None
    told = [str(outcome[name]) for name in ("state", "reached") if outcome.get(name) is not None]
    return max(told, key=lambda state: _PROGRESS.get(state, 0), default=None)
