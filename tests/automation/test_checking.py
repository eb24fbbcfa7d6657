"""What a definition needs from outside."""

import pytest

from automation.definition import check, load_definition, located
from automation.template import CompiledTemplate
from automation.template_file import parse_template

TEMPLATES = {"thanks": frozenset({"order", "contact"}), "hello": frozenset({"contact"})}
HEAD = "name: x\nstart: { event: e }\nsteps:\n"


def _problems(*steps: str) -> list[str]:
    text = HEAD + "\n".join(f"  {step}" for step in steps)
    return [str(each) for each in located(check(load_definition(text), templates=TEMPLATES, channels=["email"]), text)]


def test_an_unknown_template_or_channel_is_told_with_its_line():
    assert _problems("- wait: 1d", "- send: { channel: emial, template: helo }") == [
        "line 5, column 13: steps[1].send.channel: unknown channel 'emial': did you mean 'email'?",
        "line 5, column 29: steps[1].send.template: unknown template 'helo': did you mean 'hello'?",
    ]


SEND = "- send: { channel: email, template: thanks }"
BIG = "where: { field: order.totalCost, op: gte, value: 1 }"


@pytest.mark.parametrize("steps", [
    [SEND],
    [SEND, "- get_order: {}"],
    [f"- if: {{ {BIG}, then: [ {{ get_order: }} ] }}", SEND],
    [f"- if: {{ {BIG}, then: [ {{ get_order: }} ], else: [ {{ wait: 1d }} ] }}", SEND],
    [f"- if: {{ {BIG}, then: [ {SEND[2:]} ] }}", "- get_order: {}"],
    ["- split: { arms: [ { weight: 1, steps: [ { get_order: } ] }, { weight: 1 } ] }", SEND],
])  # fmt: skip
def test_a_message_about_the_order_needs_the_order_on_every_way(steps):
    found = _problems(*steps)
    assert len(found) == 1
    assert "uses order, and a run can come here without get_order" in found[0]


@pytest.mark.parametrize("steps", [
    ["- get_order: {}", SEND],
    ["- send: { channel: email, template: hello }"],
    [f"- if: {{ {BIG}, then: [ {{ get_order: }} ], else: [ {{ get_order: }} ] }}", SEND],
    [f"- if: {{ {BIG}, then: [ {{ get_order: }} ], else: [ {{ stop: }} ] }}", SEND],
    ["- split: { arms: [ { weight: 1, steps: [ { get_order: } ] }, { weight: 1, holdout: true } ] }", SEND],
])  # fmt: skip
def test_a_message_that_has_its_order_is_fine(steps):
    assert _problems(*steps) == []


def test_fields_of_items_in_a_loop_need_the_order_too():
    shown = "{% for one in order.items %}{% if one.cost > 9 %}{{ one.name }}{% endif %}{% endfor %}"
    own = "{% for order in event.list %}{{ order.name }}{% endfor %}"
    names = {
        body: CompiledTemplate(parse_template("t.html", f"---\nsubject: x\n---\n{body}")).names for body in (shown, own)
    }
    definition = load_definition(HEAD + "  - send: { channel: email, template: t }")
    assert len(check(definition, templates={"t": names[shown]})) == 1
    assert check(definition, templates={"t": names[own]}) == ()


def test_what_is_not_known_is_not_checked():
    definition = load_definition(HEAD + "  - send: { channel: any, template: any }")
    assert check(definition, templates=None, channels=None) == ()


def test_a_rule_for_a_channel_that_there_is_not_is_told_with_its_line():
    text = HEAD.replace("steps:", "stop: [ { unsubscribed: emial } ]\nsteps:") + "  - wait: 1d"
    found = [str(each) for each in located(check(load_definition(text), channels=["email"]), text)]
    assert found == ["line 3, column 11: stop[0].unsubscribed: unknown channel 'emial': did you mean 'email'?"]


def test_what_tells_who_a_contact_is_cannot_be_set_and_is_told_with_its_line():
    assert _problems("- wait: 1d", "- update_contact: { set: { stage: vip, email: a@shop.example } }") == [
        "line 5, column 42: steps[1].update_contact.set.email: email tells who the contact is; a step cannot set it"
    ]
