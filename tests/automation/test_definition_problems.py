"""What is wrong with a document is told all at once, each with line, column and remedy."""

import time

import pytest

from automation.definition import DefinitionError, Problem, build_definition, load_definition


def _problems(text: str) -> list[tuple[int | None, int | None, str, str]]:
    with pytest.raises(DefinitionError) as caught:
        load_definition(text)
    return [(each.line, each.column, each.place, each.message) for each in caught.value.problems]


def _messages(text: str) -> str:
    return "\n".join(message for _, _, _, message in _problems(text))


def _steps(*lines: str) -> str:
    return "name: x\nstart: { event: e }\nsteps:\n" + "\n".join(f"  {line}" for line in lines)


def test_every_problem_is_told_at_once_in_the_order_of_the_document():
    text = """name: Review
start:
  evnt: orderDELIVERED
  where: { field: order.totalcost, op: gte, value: 20 }
stop:
  - { event: orderCANCELLED, match: all }
steps:
  - sendd: { template: x }
  - send: { id: a, chanel: email, template: x }
  - wait: { for: 10 days }
  - send: { id: a, channel: email, template: x }
  - stop: {}
  - get_order: {}
"""
    assert [(line, column, place) for line, column, place, _ in _problems(text)] == [
        (3, 3, "start.evnt"),
        (4, 12, "start.where.field"),
        (6, 30, "stop[0].match"),
        (8, 5, "steps[0]"),
        (9, 5, "steps[1].send.channel"),
        (9, 20, "steps[1].send.chanel"),
        (10, 13, "steps[2].wait.for"),
        (11, 13, "steps[3].send.id"),
        (13, 5, "steps[5].get_order"),
    ]
    for remedy in (
        "unknown key 'evnt': did you mean 'event'?",
        "did you mean 'totalCost'?",
        "'all' is not known here: known: contact, order",
        "unknown step 'sendd': did you mean 'send'?",
        "unknown key 'chanel': did you mean 'channel'?",
        "'10 days' is not a duration; write 10d",
        "the id 'a' is taken by an earlier step",
        "no run reaches this step: the stop above ends each before it",
    ):
        assert remedy in _messages(text)


def test_the_error_reads_as_a_list():
    with pytest.raises(DefinitionError) as caught:
        load_definition("name: x\nsteps: []")
    assert str(caught.value).splitlines() == [
        "line 1, column 1: start: this key is needed",
        "line 2, column 1: steps: an automation has at least one step",
    ]
    assert str(Problem("", "nothing is here")) == "nothing is here"


@pytest.mark.parametrize(("text", "place", "message"), [
    ("", (None, None), "a definition is a mapping"),
    ("- a", (1, 1), "a definition is a mapping"),
    ("name: [x", (2, 1), "this is not YAML"),
    ("name: x\n\tstart: {}", (2, 1), "this is not YAML"),
    ("name: &a x\nstart: {}", (1, 7), "anchors"),
    ("name: *a", (1, 7), "anchors and aliases"),
    ("name: !!python/object:os.system x", (1, 7), "tags"),
    ("? [a]\n: b", (1, 3), "a key is text"),
    ("name: x\n---\nname: y", (2, 1), "one document"),
    ("name: x\nname: y", (2, 1), "the key 'name' stands here twice"),
    ('name: "\\0"\nstart: {event: e}\nsteps: [{wait: 1d}]', (1, 1), "NUL"),
    ('{"name": "\\ud800", "start": {"event": "e"}, "steps": [{"wait": "1d"}]}', (1, 2), "unicode"),
])  # fmt: skip
def test_text_that_is_no_document_is_refused_with_its_place(text, place, message):
    line, column, _, said = _problems(text)[0]
    assert (line, column) == place
    assert message.lower() in said.lower()


def test_a_document_has_at_most_64_kib():
    assert "at most 64 KiB" in _messages("#" * 65 * 1024)


def test_a_bomb_of_aliases_is_refused_at_once():
    bomb = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(100))
    assert "anchors" in _messages(bomb)


@pytest.mark.parametrize("text", ["[" * 30_000, "{a: " * 15_000, "- " * 30_000, '{"a":' * 10_000 + "1" + "}" * 10_000])
def test_depth_without_bound_is_refused(text):
    began = time.process_time()
    assert _problems(text)
    assert time.process_time() - began < 30  # a guard against hanging, not a measurement


def test_a_deep_document_that_is_parsed_already_is_refused():
    where: dict[str, object] = {"field": "order.status", "op": "is_set"}
    for _ in range(2000):
        where = {"not": where}
    with pytest.raises(DefinitionError, match="200 deep"):
        build_definition({"name": "x", "start": {"event": "e", "where": where}, "steps": [{"wait": "1d"}]})


@pytest.mark.parametrize("document", [None, 5, "text", [], {}, {"name": 1}, {"steps": {}}, {"steps": [None, 1, {}]}])
def test_a_body_that_is_no_definition_is_refused(document):
    with pytest.raises(DefinitionError) as caught:
        build_definition(document)
    assert caught.value.problems


@pytest.mark.parametrize(("step", "message"), [
    ("- send: { channel: email }", "this key is needed"),
    ("- send: { channel: 5, template: x }", "this has to be text"),
    ("- send: { channel: E-Mail, template: x }", "is not a name"),
    ("- send: { id: a.b, channel: email, template: x }", "is not a name"),
    ("- send: { channel: email, template: x, window: { from: 09:00, to: 09:00 } }", "closes when it opens"),
    ("- send: { channel: email, template: x, window: { from: 9, to: 25:00 } }", "'25:00' is not a time of day"),
    ("- send: { channel: email, template: x, window: never }", "'never' is not known here: known: account, none"),
    ("- send: { channel: email, template: x, not_after: 0d }", "longer than nothing"),
    ("- send:\n    channel: email\n    template: x\n    sent: y", "unknown key 'sent'"),
    ("- send:\n    id: a\n    wait: b\n- stop", "write `stop:`"),
    ("- send:\n  channel: email", "here are 'send' and 'channel' side by side"),
    ("- wait: {}", "a wait needs one of for, until, at, on"),
    ("- wait: { for: 10d, until: order.date }", "either for or until"),
    ("- wait: { for: -1d }", "longer than nothing"),
    ("- wait: { for: 6y }", "longer than 5 years"),
    ("- wait: { for: 10 }", "text with a unit"),
    ("- wait: { for: 1d, offset: 2d }", "offset belongs to until"),
    ("- wait: { delay: 1d }", "did you mean 'for'?"),
    ("- wait: { on: [sat], not_on: [sat] }", "no day of the week is left"),
    ("- wait: { for: 1d, not_on: [mon, tue, wed, thu, fri, sat, sun] }", "no day of the week is left"),
    ("- wait: { for: 1d, not_on: [sta] }", "unknown weekday 'sta': did you mean 'sat'?"),
    ("- wait: { for: 1d, at: 25:00 }", "not a time of day"),
    ("- wait: { for: 1d, zone: Kyiv }", "unknown zone 'Kyiv'"),
    ("- wait: { for: 1d, holidays: Ukraine }", "no holidays are known for 'Ukraine'"),
    ("- wait: { for: 1d, holidays: DE-XX }", "no holidays are known for 'DE-XX'"),
    ("- wait: { until: date }", "is not a field"),
    ("- wait: { until: ordr.date }", "did you mean 'order'?"),
    ("- wait_for: { event: e, then: [ { stop: } ] }", "this key is needed"),
    ("- if: { where: { field: order.status, op: is_set } }", "nothing in then nor in else"),
    ("- if: { condition: { field: order.status, op: is_set }, then: [ { stop: } ] }", "did you mean 'where'?"),
    ("- if: { where: { feld: order.status }, then: [ { stop: } ] }", "a condition is {field, op, value}"),
    ("- if: { where: { field: order.status, op: is_set, valu: 1 }, then: [ { stop: } ] }", "did you mean 'value'?"),
    ('- if: { where: { field: order.status, op: "==", value: x }, then: [ { stop: } ] }', "did you mean 'eq'?"),
    ("- if: { where: { field: order.status, op: in, value: x }, then: [ { stop: } ] }", "in needs a list"),
    ("- if: { where: { field: order.status, op: eq, value: [x] }, then: [ { stop: } ] }", "eq needs one value"),
    ("- if: { where: { field: order.status, op: eq }, then: [ { stop: } ] }", "eq needs a value"),
    ("- if: { where: { field: order.status, op: is_set, value: 1 }, then: [ { stop: } ] }", "takes no value"),
    ("- if: { where: { field: order.date, op: before, value: soon }, then: [ { stop: } ] }", "before needs a date"),
    ("- if: { where: { field: order.date, op: within, value: -1d }, then: [ { stop: } ] }",
     "within needs a duration"),
    ("- if: { where: { field: order.status, op: matches, value: '(a' }, then: [ { stop: } ] }",
     "syntax is that of RE2"),
    ("- if: { where: { field: order.status, op: gt, value: true }, then: [ { stop: } ] }", "gt needs a number"),
    ("- if: { where: { field: order.items.cost, op: gt, value: 1 }, then: [ { stop: } ] }", "looks into a list"),
    ("- if: { where: { field: item.cost, op: gt, value: 1 }, then: [ { stop: } ] }",
     "outside of a condition with items"),
    ("- if: { where: { field: contact.firstname, op: is_set }, then: [ { stop: } ] }",
     "contact has no 'firstname', did you mean 'firstName'?; fields of your own are in contact.fields"),
    ("- if: { where: { items: any, where: { field: item.categry, op: is_set } }, then: [ { stop: } ] }",
     "item has no 'categry', did you mean 'category'?"),
    ("- wait: { until: order.totalCost }", "order.totalCost holds no date; write order.date"),
    ("- wait: { until: contact.birthday }", "fields of your own are in contact.fields"),
    ("- if: { where: { items: any }, then: [ { stop: } ] }", "items: any takes where"),
    ("- if: { where: { items: sum, op: gt, value: 1 }, then: [ { stop: } ] }", "needs of"),
    ("- if: { where: { items: sum, of: order.totalCost, op: gt, value: 1 }, then: [ { stop: } ] }", "item.totalCost"),
    ("- if: { where: { items: count, op: gt }, then: [ { stop: } ] }", "needs op and value"),
    ("- if: { where: { all: [] }, then: [ { stop: } ] }", "at least 1 entries"),
    ("- if: { where: { field: steps.later.x, op: is_set }, then: [ { stop: { id: later } } ] }",
     "does not come before"),
    ("- if: { where: { field: steps.gone.x, op: is_set }, then: [ { stop: } ] }", "there is no step 'gone'"),
    ("- switch: { cases: [] }", "at least 1 entries"),
    ("- switch: { cases: [ { name: default, where: { field: order.status, op: is_set } } ] }", "is taken here"),
    ("- split: { arms: [ { weight: 1 } ] }", "at least 2 entries"),
    ("- split: { arms: [ { weight: 1 }, { weight: 0 } ] }", "more than 0"),
    ("- split: { arms: [ { weight: 1 }, { weight: -5 } ] }", "more than 0"),
    ("- split: { arms: [ { weight: 1 }, { weight: 0.5 } ] }", "a whole number"),
    ("- split: { arms: [ { name: a, weight: 1 }, { name: a, weight: 1 } ] }", "is taken here"),
    ("- split: { arms: [ { weight: 1 }, { weight: 1, holdout: true, steps: [ { stop: } ] } ] }", "has no steps"),
    ("- check_message: { state: opened, then: [ { stop: } ] }", "no send before this step"),
    ("- check_message: { state: read, then: [ { stop: } ] }", "'read' is not known here"),
    ("- check_message: { message: x, state: opened, then: [ { stop: } ] }", "no earlier send is called 'x'"),
    ("- update_contact: { set: {} }", "at least 1 entries"),
    ("- update_contact: { set: { a: [1] } }", "a value is text"),
    ("- webhook: { url: http://shop.example/ }", "https://"),
    ("- webhook: { url: 'https://${host}/' }", "its host is fixed text"),
    ("- webhook: { url: https://shop.example/, timeout: 1h }", "60s at most"),
    ("- get_order: { order_id: a, external_id: b }", "either order_id or external_id"),
    ("- send: x", "a mapping of keys"),
    ("- {}", "a step is one key"),
])  # fmt: skip
def test_a_step_that_cannot_be_is_refused_with_the_remedy(step, message):
    assert message in _messages(_steps(*step.splitlines()))


@pytest.mark.parametrize(("start", "message"), [
    ("{}", "either event, or segment with schedule"),
    ("{ event: [] }", "either event, or segment with schedule"),
    ("{ event: e, segment: s }", "either event, or segment"),
    ("{ segment: s }", "segment and schedule belong together"),
    ("{ event: e, schedule: { at: 10:00 } }", "segment and schedule belong together"),
    ("{ segment: s, schedule: { at: 10:00 }, unique: once_per_order }", "has no order"),
    ("{ segment: s, schedule: { at: 10:00, on: [mon], day: 1 } }", "either on (weekdays) or day"),
    ("{ segment: s, schedule: { at: 10:00, day: 31 } }", "at most 28"),
    ("{ segment: s, schedule: { at: 10:00, zone: contact } }", "write account or an IANA name"),
    ("{ event: e, unique: once_per_contct }", "did you mean 'once_per_contact'?"),
    ("{ event: e, unique: { per: contact } }", "this key is needed"),
    ("{ event: e, unique: { per: contact, within: 7d, x: 1 } }", "unknown key 'x': known: per, within"),
    ("{ event: e, if_running: wait }", "known: replace, skip, start"),
    ("{ event: 5 }", "an event type, or a list of them"),
])  # fmt: skip
def test_a_start_that_cannot_be_is_refused_with_the_remedy(start, message):
    assert message in _messages(f"name: x\nstart: {start}\nsteps: [ {{ wait: 1d }} ]")


@pytest.mark.parametrize(("rule", "message"), [
    ("{ evnt: e }", "either event or unsubscribed"),
    ("{ event: e, unsubscribed: email }", "unknown key 'unsubscribed'"),
    ("{ unsubscribed: email, match: contact }", "unknown key 'match'"),
    ("{ event: [] }", "at least 1 entries"),
])  # fmt: skip
def test_a_stop_rule_that_cannot_be_is_refused_with_the_remedy(rule, message):
    assert message in _messages(f"name: x\nstart: {{ event: e }}\nstop: [ {rule} ]\nsteps: [ {{ wait: 1d }} ]")


@pytest.mark.parametrize(("text", "place"), [
    ("name: x\nstart: { event: e, where: { field: steps.a.state, op: is_set } }\nsteps: [ { stop: } ]",
     (2, 29, "start.where.field")),
    ("name: x\nstart: { event: e }\nsteps: [ stop: ]\nstop: [ { event: f, where: { field: steps.a, op: is_set } } ]",
     (4, 30, "stop[0].where.field")),
    (_steps("- wait: { until: steps.call.answer.date }", '- webhook: { id: call, url: "https://shop.example/x" }'),
     (4, 13, "steps[0].wait.until")),
])  # fmt: skip
def test_what_a_step_comes_to_is_known_behind_it_alone(text: str, place: tuple[int, int, str]):
    assert [one[:3] for one in _problems(text)] == [place]
