"""A cursor goes through a definition step by step."""

import pytest

from automation.definition import Definition, build_definition
from automation.interpreter import (
    Change,
    Choose,
    Cursor,
    End,
    Flow,
    FlowError,
    GetOrder,
    Send,
    Wait,
    WaitFor,
    Webhook,
    choose,
)


def _definition(*steps) -> Definition:
    return build_definition({"name": "Test", "start": {"event": "orderDELIVERED"}, "steps": list(steps)})


BIG = {"field": "order.totalCost", "op": "gte", "value": 100}
SEND = {"send": {"channel": "email", "template": "thanks"}}


def test_the_steps_come_in_their_order_and_then_the_end():
    cursor = Cursor.start(Flow(_definition({"get_order": {}}, SEND, {"wait": "10d"}, {"emit": {"event": "x"}},
                                           {"webhook": {"url": "https://a.example/"}})))  # fmt: skip
    effects = []
    while not isinstance(cursor.effect, End):
        effects.append(type(cursor.effect))
        cursor = cursor.passed()
    assert effects == [GetOrder, Send, Wait, Change, Webhook]
    assert cursor.effect == End(stopped=False)
    assert cursor.effect.step_id == "end"


def test_a_stop_step_ends_the_run_as_stopped():
    flow = Flow(_definition({"if": {"where": BIG, "then": [{"stop": {"id": "enough", "reason": "rich"}}]}}, SEND))
    path = choose(flow, "if-1", {"order": {"totalCost": 100}}, contact_key="c")
    effect = Cursor.start(flow).follow(path.pairs).effect
    assert isinstance(effect, End)
    assert (effect.stopped, effect.step_id) == (True, "enough")


def test_a_chain_of_branches_is_one_effect_up_to_the_next():
    inner = {"switch": {"id": "kind", "cases": [{"name": "big", "where": BIG, "then": [SEND]}]}}
    flow = Flow(_definition({"if": {"id": "first", "where": BIG, "then": [inner]}}, {"wait": {"id": "w", "for": "1d"}}))
    path = choose(flow, "first", {"order": {"totalCost": "100.00"}}, contact_key="c")
    assert path.pairs == (("first", "then"), ("kind", "big"))
    assert path.choices[1].because.actual == "100.00"
    assert Cursor.start(flow).follow(path.pairs).effect.step_id == "send-1"
    other = choose(flow, "first", {"order": {}}, contact_key="c")
    assert other.pairs == (("first", "else"),)
    assert Cursor.start(flow).follow(other.pairs).effect.step_id == "w"


def test_the_path_can_be_kept_as_lists_of_json():
    flow = Flow(_definition({"if": {"where": BIG, "then": [SEND]}}))
    assert Cursor.start(flow).follow([["if-1", "then"]]).effect.step_id == "send-1"


def test_behind_a_branch_the_run_goes_on_after_the_step():
    steps = {"wait_for": {"id": "w", "event": "clicked", "timeout": "1d", "then": [{"stop": {}}], "else": [SEND]}}
    flow = Flow(_definition(steps, {"get_order": {"id": "last"}}))
    cursor = Cursor.start(flow)
    assert isinstance(cursor.effect, WaitFor)
    assert cursor.taken("else").passed().effect.step_id == "last"
    assert cursor.taken("then").effect.step_id == "stop-1"


def test_an_empty_branch_leads_behind_the_step():
    flow = Flow(_definition({"wait_for": {"event": "clicked", "timeout": "1d"}}, SEND))
    assert Cursor.start(flow).taken("then").effect.step_id == "send-1"
    assert Cursor.start(flow).taken("else").effect.step_id == "send-1"


@pytest.mark.parametrize("wrong", [
    lambda cursor: cursor.passed(),
    lambda cursor: cursor.taken("other"),
    lambda cursor: cursor.follow([("send-1", "then")]),
    lambda cursor: Cursor(cursor.flow, "gone").effect,
    lambda cursor: Cursor(cursor.flow, None).passed(),
])  # fmt: skip
def test_an_outcome_that_does_not_belong_to_the_step_is_refused(wrong):
    cursor = Cursor.start(Flow(_definition({"if": {"where": BIG, "then": [SEND]}})))
    assert isinstance(cursor.effect, Choose)
    with pytest.raises(FlowError):
        wrong(cursor)


def test_a_run_moves_to_another_version_at_a_step_whose_id_is_still_there():
    old = Cursor.start(Flow(_definition({"wait": {"id": "pause", "for": "10d"}}, SEND)))
    new = Flow(_definition({"get_order": {}}, {"wait": {"id": "pause", "for": "5d"}}, {"get_order": {"id": "next"}}))
    assert Cursor(new, old.at).passed().effect.step_id == "next"
