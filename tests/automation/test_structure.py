"""What has to be right between steps."""

import pytest

from automation.definition import DefinitionError, build_definition
from automation.outline import MAX_DEPTH
from automation.structure import MAX_STEPS

STOP = {"stop": {}}
WAIT = {"wait": "1d"}
BIG = {"field": "order.totalCost", "op": "gte", "value": 100}


def _problems(*steps) -> list[str]:
    try:
        build_definition({"name": "x", "start": {"event": "e"}, "steps": list(steps)})
    except DefinitionError as error:
        return [f"{problem.place}: {problem.message}" for problem in error.problems]
    return []


@pytest.mark.parametrize("ended", [
    STOP,
    {"if": {"where": BIG, "then": [STOP], "else": [WAIT, STOP]}},
    {"wait_for": {"event": "e", "timeout": "1d", "then": [STOP], "else": [STOP]}},
    {"switch": {"cases": [{"where": BIG, "then": [STOP]}], "default": [STOP]}},
    {"split": {"arms": [{"weight": 1, "steps": [STOP]}, {"weight": 1, "holdout": True}]}},
    {"if": {"where": BIG, "then": [{"if": {"where": BIG, "then": [STOP], "else": [STOP]}}], "else": [STOP]}},
])  # fmt: skip
def test_a_step_that_no_run_reaches_is_refused(ended):
    found = _problems(ended, WAIT)
    assert len(found) == 1
    assert found[0].startswith("steps[1].wait: no run reaches this step")


@pytest.mark.parametrize("open_", [
    {"if": {"where": BIG, "then": [STOP]}},
    {"wait_for": {"event": "e", "timeout": "1d", "then": [STOP]}},
    {"switch": {"cases": [{"where": BIG, "then": [STOP]}]}},
    {"split": {"arms": [{"weight": 1, "steps": [STOP]}, {"weight": 1}]}},
])  # fmt: skip
def test_a_step_behind_a_way_that_is_open_is_reached(open_):
    assert _problems(open_, WAIT) == []


def test_an_unreachable_step_within_a_branch_is_found():
    assert _problems({"if": {"where": BIG, "then": [STOP, WAIT]}})[0].startswith("steps[0].if.then[1].wait")


def test_an_automation_has_at_most_200_steps():
    assert _problems(*[WAIT] * MAX_STEPS) == []
    assert "at most 200 steps; this one has 201" in _problems(*[WAIT] * (MAX_STEPS + 1))[0]


def test_steps_are_at_most_20_levels_deep():
    def nested(levels: int) -> dict:
        return WAIT if levels == 1 else {"if": {"where": BIG, "then": [nested(levels - 1)]}}

    assert _problems(nested(MAX_DEPTH)) == []
    assert "at most 20 levels deep" in _problems(nested(MAX_DEPTH + 1))[0]


def test_a_condition_may_use_what_an_earlier_step_brought():
    hook = {"webhook": {"id": "ask", "url": "https://shop.example/"}}
    where = {"field": "steps.ask.answer.vip", "op": "eq", "value": True}
    assert _problems(hook, {"if": {"where": where, "then": [STOP]}}) == []
    assert _problems(hook, {"switch": {"cases": [{"where": where, "then": [STOP]}]}}) == []
    assert (
        "did you mean 'ask'" in _problems(hook, {"if": {"where": where | {"field": "steps.aks.x"}, "then": [STOP]}})[0]
    )
