"""Splits divide people by weight and for good; check_message looks at what became of a send."""

from collections import Counter
from hashlib import sha256

import pytest

from automation.choices import arm_of, choose
from automation.definition import build_definition
from automation.interpreter import Cursor, End, Flow


def _flow(*steps) -> Flow:
    return Flow(build_definition({"name": "Test", "start": {"event": "orderDELIVERED"}, "steps": list(steps)}))


SEND = {"send": {"id": "thanks", "channel": "email", "template": "thanks"}}
SPLIT = {
    "split": {
        "id": "test",
        "arms": [
            {"name": "a", "weight": 60},
            {"name": "b", "weight": 30},
            {"name": "none", "weight": 10, "holdout": True},
        ],
    }
}


def test_arms_are_taken_by_weight():
    flow = _flow(SPLIT)
    arms = Counter(choose(flow, "test", {}, contact_key=f"contact-{n}").pairs[0][1] for n in range(5000))
    assert arms["a"] == pytest.approx(3000, abs=150)
    assert arms["b"] == pytest.approx(1500, abs=150)
    assert arms["none"] == pytest.approx(500, abs=100)


def test_the_same_person_always_takes_the_same_arm():
    # the formula is published: what people were once told apart by must never change
    flow = _flow(SPLIT)
    for key in ("0190-a", "0190-b", "Олена"):
        point = int.from_bytes(sha256(f"test\n{key}".encode()).digest()[:8], "big") * 100 >> 64
        expected = "a" if point < 60 else "b" if point < 90 else "none"
        assert arm_of(flow.steps["test"], key) == expected


def test_another_split_divides_the_same_people_otherwise():
    flows = [_flow({"split": {"id": name, "arms": [{"weight": 1}, {"weight": 1}]}}) for name in ("one", "two")]
    keys = [f"contact-{n}" for n in range(400)]
    same = sum(arm_of(flows[0].steps["one"], key) == arm_of(flows[1].steps["two"], key) for key in keys)
    assert 140 < same < 260


def test_a_holdout_arm_ends_the_run():
    flow = _flow(SPLIT, SEND)
    effect = Cursor.start(flow).taken("none").effect
    assert effect == End(stopped=False)
    assert Cursor.start(flow).taken("a").effect.step_id == "thanks"


def _check(state, message=None) -> Flow:
    step = {"state": state, "then": [{"get_order": {"id": "yes"}}], **({"message": message} if message else {})}
    review = {"send": {"id": "review", "channel": "email", "template": "review"}}
    return _flow(SEND, review, {"check_message": {"id": "check", **step}})


@pytest.mark.parametrize(("state", "wanted", "branch"), [
    ("sent", "sent", "then"), ("sent", "delivered", "else"), ("clicked", "opened", "then"),
    ("opened", "clicked", "else"),
    ("delivered", "sent", "then"), ("bounced", "sent", "then"), ("bounced", "delivered", "else"),
    ("complained", "delivered", "then"), ("skipped", "sent", "else"), ("unknown", "sent", "else"),
    ("failed", "sent", "else"),
])  # fmt: skip
def test_a_message_has_come_as_far_as_every_state_before_its_own(state, wanted, branch):
    facts = {"steps": {"review": {"state": state}}}
    assert choose(_check(wanted), "check", facts, contact_key="c").pairs == (("check", branch),)


def test_the_last_message_is_meant_unless_one_is_named():
    facts = {"steps": {"review": {"state": "skipped"}, "thanks": {"state": "opened"}}}
    assert choose(_check("opened"), "check", facts, contact_key="c").pairs == (("check", "else"),)
    assert choose(_check("opened", "thanks"), "check", facts, contact_key="c").pairs == (("check", "then"),)
    only_first = {"steps": {"thanks": {"state": "opened"}}}
    assert choose(_check("opened"), "check", only_first, contact_key="c").pairs == (("check", "then"),)


def test_without_any_message_it_was_not_sent():
    assert choose(_check("sent"), "check", {}, contact_key="c").pairs == (("check", "else"),)


def test_a_switch_takes_the_first_case_that_holds_and_else_the_default():
    cases = [{"name": name, "where": {"field": "order.totalCost", "op": "gte", "value": value}}
             for name, value in (("big", 100), ("middle", 50))]  # fmt: skip
    flow = _flow({"switch": {"id": "size", "cases": cases}}, SEND)
    taken = [choose(flow, "size", {"order": {"totalCost": cost}}, contact_key="c").pairs[0][1] for cost in (200, 60, 5)]
    assert taken == ["big", "middle", "default"]
