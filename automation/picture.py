"""An automation as a Mermaid flowchart."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from automation.action_steps import (
    AddToSegmentStep,
    EmitStep,
    RemoveFromSegmentStep,
    SendStep,
    StopStep,
    UpdateContactStep,
    WaitStep,
    WebhookStep,
)
from automation.conditions import describe
from automation.flow import Flow, ways
from automation.model import Definition
from automation.rules import StopOnEvent
from automation.steps import AnyStep, CheckMessageStep, IfStep, SplitStep, SwitchStep, WaitForStep

_LONGEST = 80
_LIT = "stroke:#1b8a42,stroke-width:3px"


@dataclass(frozen=True, slots=True)
class Marks:
    """What a picture shows beside the flow itself."""

    standing: Mapping[str | None, int] = field(default_factory=dict)
    """How many stand at a step now; None are those who have not begun."""
    way: Sequence[str | None] = ()
    """The steps that one run took, in their order; None is the end."""
    branches: Mapping[str, str] = field(default_factory=dict)
    """The branch that it took at a step."""


def mermaid(definition: Definition, marks: Marks = Marks()) -> str:
    """The flowchart; nodes are named by the place of their step, so that two versions can be laid side by side.

    Steps on the way of `marks` have the class `taken`, those where somebody stands the class `standing`.
    """
    flow = Flow(definition)
    names: dict[str | None, str] = {None: "done"}
    names.update((step_id, f"s{number}") for number, step_id in enumerate(flow.steps, 1))
    links = list(_links(flow))
    begun = _quoted(_start(definition), _standing(marks, None))
    lines = ["flowchart TD", f"    start([{begun}]) --> {names[flow.first]}"]
    for step_id, step in flow.steps.items():
        lines.append(f"    {names[step_id]}{_shape(step, _standing(marks, step_id))}")
        for at, branch, to in links:
            if at == step_id:
                lines.append(f"    {names[at]} {f'-- {_quoted(branch)} ' if branch else ''}--> {names[to]}")
    if any(line.endswith("> done") for line in lines):
        lines.append('    done(["end"])')
    stops = [_stop(rule) for rule in definition.stop if isinstance(rule, StopOnEvent)]
    stops += [f"unsubscribed from {rule.unsubscribed}" for rule in definition.stop if not isinstance(rule, StopOnEvent)]
    if stops:
        lines.append(f"    stops>{_quoted('Stops on: ' + '; '.join(stops))}]")
    return "\n".join([*lines, *_marked(marks, names, links)]) + "\n"


_Link = tuple[str, str | None, str | None]  # from a step, by a branch, to a step or the end


def _links(flow: Flow) -> Iterator[_Link]:
    """Every way on, step by step."""
    for step_id, step in flow.steps.items():
        branches = ways(step)
        for branch, _, _ in branches:
            yield step_id, branch, flow.head(step_id, branch)
        if not branches and not isinstance(step, StopStep):
            yield step_id, None, flow.after(step_id)


def _standing(marks: Marks, step_id: str | None) -> str:
    count = marks.standing.get(step_id, 0)
    return f" ({count} {'here' if step_id else 'not begun'})" if count else ""


def _marked(marks: Marks, names: Mapping[str | None, str], links: Sequence[_Link]) -> Iterator[str]:
    """Classes of steps, and the ways between them in a colour."""
    standing = [names[step_id] for step_id, count in marks.standing.items() if step_id in names and step_id and count]
    if standing:
        yield f"    class {','.join(standing)} standing"
    if not marks.way:
        return
    passed = set(pairwise(marks.way))
    lit = [0] + [
        number
        for number, (at, branch, to) in enumerate(links, 1)
        if (at, to) in passed and marks.branches.get(at, branch) == branch
    ]
    taken = ["start", *dict.fromkeys(names[step_id] for step_id in marks.way if step_id in names)]
    yield f"    class {','.join(taken)} taken"
    yield f"    linkStyle {','.join(map(str, lit))} {_LIT}"


def _start(definition: Definition) -> str:
    start = definition.start
    if start.schedule is not None:
        when = f"{start.schedule.at}{' on ' + ', '.join(start.schedule.on) if start.schedule.on else ''}"
        when += f" on day {start.schedule.day}" if start.schedule.day else ""
        text = f"segment {start.segment} at {when}"
    else:
        text = " or ".join(start.event)
    return f"{text}, where {describe(start.where)}" if start.where else text


def _stop(rule: StopOnEvent) -> str:
    text = f"{' or '.join(rule.event)} of the same {rule.match}"
    return f"{text}, where {describe(rule.where)}" if rule.where else text


def _shape(step: AnyStep, beside: str) -> str:
    label = _quoted(f"{step.id}: {says(step)}", beside)
    match step:
        case IfStep() | SwitchStep() | SplitStep() | CheckMessageStep():
            return f"{{{label}}}"
        case WaitStep() | WaitForStep():
            return f"([{label}])"
        case _:
            return f"[{label}]"


def says(step: AnyStep) -> str:  # noqa: C901, PLR0911, PLR0912 - one line a kind
    """What a step does, in a few words."""
    match step:
        case SendStep():
            return f"{step.channel} {step.template}"
        case WaitStep():
            return _waits(step)
        case WaitForStep():
            return f"wait {step.timeout} for {' or '.join(step.event)}"
        case IfStep():
            return describe(step.where)
        case SwitchStep():
            return "; ".join(f"{case.name}: {describe(case.where)}" for case in step.cases)
        case SplitStep():
            return ", ".join(f"{arm.name} {arm.weight}" for arm in step.arms)
        case CheckMessageStep():
            return f"{step.message or 'last message'} {step.state}?"
        case AddToSegmentStep() | RemoveFromSegmentStep():
            return f"{step.kind.replace('_', ' ')} {step.segment}"
        case UpdateContactStep():
            return f"set {', '.join(step.set)}"
        case EmitStep():
            return f"emit {step.event}"
        case WebhookStep():
            return f"call {step.url}"
        case StopStep():
            return f"stop{': ' + step.reason if step.reason else ''}"
        case _:
            return "get order"


def _waits(step: WaitStep) -> str:
    offset = f" {'+' if step.offset and step.offset.sign > 0 else ''}{step.offset}" if step.offset else ""
    parts = [
        f"{step.for_}" if step.for_ else "",
        f"until {step.until}{offset}" if step.until else "",
        f"at {step.at}" if step.at else "",
        f"on {', '.join(step.on)}" if step.on else "",
        f"not on {', '.join(step.not_on)}" if step.not_on else "",
        f"no holidays ({step.holidays})" if step.holidays else "",
    ]
    return f"wait {' '.join(part for part in parts if part)}"


def _quoted(text: str, beside: str = "") -> str:
    """Text in quotes, in the entities that Mermaid reads."""
    short = (text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…") + beside
    return '"' + "".join(c if c.isalnum() or c in " _-.,:;…/?()+" else f"#{ord(c)};" for c in short) + '"'
