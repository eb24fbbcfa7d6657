"""A document is read as its author means it."""

import json

import pytest

from automation.action_steps import GetOrderStep, WaitStep
from automation.definition import Definition, DefinitionError, build_definition, check, definition_json, load_definition
from automation.durations import Duration
from automation.flow import each_step

WHOLE = """
name: Everything
start:
  event: [orderDELIVERED, orderIN_PROGRESS]
  where: { all: [ { field: order.totalCost, op: gte, value: 20.50 } ] }
  unique: { per: contact, within: 7d }
  if_running: skip
stop:
  - { event: orderCANCELLED }
  - { event: orderINITIALIZED, match: contact, where: { field: order.source, op: eq, value: online } }
  - { unsubscribed: email }
steps:
  - get_order: {}
  - send: { id: thanks, channel: email, template: order-delivered, to: "${email}", obligatory: true,
            window: { from: 09:00, to: 21:00, days: [mon, fri] } }
  - wait: { for: P10D, at: 10:00, zone: contact, on: [mon, Tuesday], not_on: [sat, sun], holidays: UA }
  - wait: { until: order.additionalInfo.pickup, offset: -2d, zone: Europe/Kyiv }
  - wait_for:
      event: reviewLeft
      match: contact
      where: { field: event.stars, op: gte, value: 4 }
      timeout: 3d
      then:
        - add_to_segment: { segment: fans }
        - emit: { event: fanFound, params: { stars: 5 } }
      else:
        - remove_from_segment: { segment: fans }
  - switch:
      cases:
        - where: { items: count, op: gt, value: 3 }
          then: [ { update_contact: { set: { big: true, note: null } } } ]
        - name: some
          where: { not: { field: contact.email, op: is_empty } }
      default:
        - webhook: { url: "https://shop.example/hook", params: { order: "${eventKey}" }, timeout: 20s }
  - split:
      arms:
        - { name: a, weight: 90, steps: [ { send: { channel: sms, template: x, window: none, not_after: 3d } } ] }
        - { name: none, weight: 10, holdout: true }
  - check_message: { message: thanks, state: opened, then: [ { stop: { reason: read } } ] }
  - get_order: { id: "${orderId}" }
  - get_order: { external_id: "${eventKey}" }
  - if: { where: { field: steps.webhook-1.answer.ok, op: eq, value: true }, then: [ { stop: } ] }
"""

SPECIFIED = """
name: Delivered, thank you and review request
start:
  event: orderDELIVERED                  # one or a list
  where: { all: [ { field: order.totalCost, op: gte, value: 20 } ] }
  unique: once_per_status                # default: once for each order and event type
  if_running: skip                       # for the same contact
stop:
  - { event: orderCANCELLED }            # same order, the default
  - { event: orderINITIALIZED, match: contact }
  - { unsubscribed: email }
steps:
  - get_order: {}
  - send: { id: thanks, channel: email, template: order-delivered }
  - wait: { for: 10d, at: "10:00", zone: contact, not_on: [sat, sun] }
  - get_order: {}
  - send: { id: review, channel: email, template: review-request, not_after: 3d }
"""


def test_every_kind_of_step_is_read_from_yaml():
    definition = load_definition(WHOLE)
    kinds = [step.kind for step in each_step(definition.steps)]
    assert kinds == [
        "get_order", "send", "wait", "wait", "wait_for", "add_to_segment", "emit", "remove_from_segment", "switch",
        "update_contact", "webhook", "split", "send", "check_message", "stop", "get_order", "get_order", "if", "stop",
    ]  # fmt: skip
    assert load_definition(json.dumps(definition_json(definition))) == definition


def test_a_step_without_an_id_is_called_by_its_kind_and_number():
    ids = [step.id for step in each_step(load_definition(WHOLE).steps)]
    assert ids[:5] == ["get-order-1", "thanks", "wait-1", "wait-2", "wait-for-1"]
    assert "send-2" in ids
    assert len(ids) == len(set(ids))


def test_a_derived_id_keeps_clear_of_those_that_the_author_gave():
    steps = [{"get_order": {}}, {"stop": {"id": "get-order-1"}}]
    definition = build_definition({"name": "x", "start": {"event": "e"}, "steps": steps})
    assert [step.id for step in definition.steps] == ["get-order-2", "get-order-1"]


def test_plain_words_of_yaml_mean_what_they_say():
    # YAML 1.1 would read `on` as true, `no` as false and 10:00 as 600
    wait = load_definition(WHOLE).steps[2]
    assert isinstance(wait, WaitStep)
    assert (wait.at, wait.on, wait.for_) == ("10:00", ("mon", "tue"), Duration(days=10))
    text = "name: no\nstart: { event: on, where: { field: event.x, op: in, value: [yes, 2026-01-01, 010, 1.5, ~x] } }\n"
    definition = load_definition(text + "steps: [ { get_order: } ]")
    assert (definition.name, definition.start.event) == ("no", ("on",))
    assert definition.start.where.value == ("yes", "2026-01-01", "010", 1.5, "~x")


def test_an_id_with_a_placeholder_is_the_order_of_get_order():
    step = list(each_step(load_definition(WHOLE).steps))[15]
    assert isinstance(step, GetOrderStep)
    assert (step.id, step.order_id) == ("get-order-2", "${orderId}")


def test_a_wait_can_be_just_its_length():
    definition = build_definition({"name": "x", "start": {"event": "e"}, "steps": [{"wait": "10d"}]})
    assert definition_json(definition)["steps"] == [{"wait": {"id": "wait-1", "for": "10d"}}]


def test_the_stored_form_has_ids_and_no_defaults():
    text = (
        "name: x\nstart: {event: e, unique: once_per_status}\nsteps: [{send: {channel: email, template: t, to: null}}]"
    )
    assert definition_json(load_definition(text)) == {
        "name": "x",
        "start": {"event": ["e"]},
        "steps": [{"send": {"id": "send-1", "channel": "email", "template": "t"}}],
    }


def test_a_start_from_a_segment_is_once_for_each_member_unless_said_otherwise():
    start = {"segment": "lapsed", "schedule": {"at": "10:00", "on": ["mon"]}}
    definition = build_definition({"name": "x", "start": start, "steps": [{"wait": "1d"}]})
    assert definition.start.unique == "once_per_contact"


def test_json_is_read_with_its_own_escapes_and_tabs():
    document = '{\n\t"name": "\\u041a\\/\\ud83d\\ude00",\n\t"start": {"event": "e"},\n\t"steps": [{"wait": "1d"}]\n}'
    assert load_definition(document).name == "К/😀"


def test_errors_in_json_have_their_place_too():
    document = '{\n\t"name": "x\\\\",\n\t"start": {"event": "e"},\n\t"steps": [\n\t\t{"wait": {"fro": "1d"}}]\n}'
    with pytest.raises(DefinitionError) as caught:
        load_definition(document)
    assert [(each.place, each.line, each.column) for each in caught.value.problems] == [("steps[0].wait.fro", 5, 13)]
    assert caught.value.field == "steps[0].wait.fro"


def test_a_stored_version_may_name_fields_that_are_refused_today():
    steps = [{"if": {"where": {"field": "contact.firstname", "op": "is_set"}, "then": [{"stop": {}}]}}]
    document = {"name": "x", "start": {"event": "e"}, "steps": steps}
    assert Definition.model_validate(document).steps[0].kind == "if"
    with pytest.raises(DefinitionError, match="did you mean 'firstName'"):
        build_definition(document)


def test_the_example_of_the_specification_is_read_as_it_stands():
    definition = load_definition(SPECIFIED)
    assert (definition.start.event, definition.start.if_running) == (("orderDELIVERED",), "skip")
    assert [type(rule).__name__ for rule in definition.stop] == ["StopOnEvent", "StopOnEvent", "StopOnUnsubscribe"]
    assert [step.kind for step in definition.steps] == ["get_order", "send", "wait", "get_order", "send"]
    templates = {"order-delivered": frozenset({"order"}), "review-request": frozenset({"order"})}
    assert check(definition, templates=templates, channels=["email"]) == ()
    lines = [line.partition("#")[0] for line in SPECIFIED.splitlines() if "unique" not in line]
    assert load_definition("\n".join(lines)) == definition  # unique says what is the default
