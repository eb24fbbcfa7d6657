"""Which events start, stop and wake, and what makes a launch unique."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from automation.definition import Definition, build_definition
from automation.matching import (
    Listeners,
    dedupe_key,
    match_awaited,
    match_start,
    start_events,
    stop_events,
    stop_rules_for,
    stopping_rule,
    unique_since,
    unsubscribe_rules,
)
from automation.reasons import sentence

AUTOMATION, EVENT, ORDER, CONTACT = (UUID(int=number) for number in range(1, 5))
BIG = {"field": "order.totalCost", "op": "gte", "value": 20}


def _definition(start=None, stop=(), steps=({"wait": "1d"},)) -> Definition:
    return build_definition(
        {"name": "x", "start": {"event": "orderDELIVERED", **(start or {})}, "stop": list(stop), "steps": list(steps)}
    )


def test_an_event_of_another_type_is_not_listened_to():
    assert match_start(_definition(), "orderCANCELLED", "acts", {}) is None


def test_an_event_starts_when_its_condition_holds():
    definition = _definition({"where": BIG})
    assert match_start(definition, "orderDELIVERED", "acts", {"order": {"totalCost": 20}}).held
    match = match_start(definition, "orderDELIVERED", "acts", {"order": {"totalCost": 12}})
    assert not match.held
    assert match.because.place == "start.where"
    assert sentence(match.reason) == "Not matched: totalCost is 12, the rule asks for at least 20"


@pytest.mark.parametrize(("effect", "unique", "held"), [
    ("acts", "once_per_status", True), ("unchanged", "once_per_status", False), ("stale", "each_time", False),
    ("historical", "each_time", False), ("unchanged", "each_time", True), ("unchanged", "once_per_contact", False),
])  # fmt: skip
def test_only_what_acts_starts_unless_each_time_is_asked_for(effect, unique, held):
    match = match_start(_definition({"unique": unique}), "orderDELIVERED", effect, {})
    assert match.held is held


def test_an_event_without_effect_is_told():
    match = match_start(_definition(), "orderDELIVERED", "stale", {})
    assert sentence(match.reason) == "Not matched: the status came about before the one that is stored"


def _key(unique, *, event=EVENT, event_type="orderDELIVERED", order=ORDER, contact=CONTACT) -> str:
    return dedupe_key(
        _definition({"unique": unique}),
        automation_id=AUTOMATION, event_id=event, event_type=event_type, order_id=order, contact_id=contact,
    )  # fmt: skip


@pytest.mark.parametrize(("unique", "same", "different"), [
    ("once_per_status", [{"event": UUID(int=9)}, {"contact": None}], [{"order": UUID(int=9)}, {"event_type": "x"}]),
    ("once_per_order", [{"event": UUID(int=9)}, {"event_type": "x"}], [{"order": UUID(int=9)}]),
    ("once_per_contact", [{"order": UUID(int=9)}, {"event": UUID(int=9)}], [{"contact": UUID(int=9)}]),
    ("each_time", [{"order": None}, {"contact": None}], [{"event": UUID(int=9)}]),
    ({"per": "contact", "within": "7d"}, [{"order": None}], [{"event": UUID(int=9)}]),
])  # fmt: skip
def test_a_launch_is_unique_in_what_its_rule_says(unique, same, different):
    assert {_key(unique, **other) for other in same} == {_key(unique)}
    assert _key(unique) not in {_key(unique, **other) for other in different}


@pytest.mark.parametrize("unique", ["once_per_status", "once_per_order"])
def test_without_an_order_each_event_is_its_own(unique):
    assert _key(unique, order=None) != _key(unique, order=None, event=UUID(int=9))


def test_a_launch_that_is_unique_within_a_time_counts_days_on_the_calendar():
    unique = _definition({"unique": {"per": "contact", "within": "1d"}}).start.unique
    since = unique_since(unique, datetime(2026, 3, 29, 7, tzinfo=UTC), "Europe/Kyiv")
    assert since == datetime(2026, 3, 28, 8, tzinfo=UTC)


STOPS = [
    {"event": "orderCANCELLED"},
    {"event": ["orderINITIALIZED", "orderIN_PROGRESS"], "match": "contact", "where": BIG},
    {"unsubscribed": "email"},
]


@pytest.mark.parametrize(("event_type", "same_order", "same_contact", "cost", "rule"), [
    ("orderCANCELLED", True, True, 0, "order"),
    ("orderCANCELLED", False, True, 0, None),
    ("orderINITIALIZED", False, True, 20, "contact"),
    ("orderIN_PROGRESS", False, True, 20, "contact"),
    ("orderINITIALIZED", False, True, 19, None),
    ("orderINITIALIZED", True, False, 20, None),
    ("orderDELIVERED", True, True, 20, None),
])  # fmt: skip
def test_a_run_is_stopped_by_the_rule_that_concerns_it(event_type, same_order, same_contact, cost, rule):
    facts = {"order": {"totalCost": cost}}
    found = stopping_rule(
        _definition(stop=STOPS), event_type, same_order=same_order, same_contact=same_contact, facts=facts
    )
    assert (found[1].match if found else None) == rule
    assert found is None or event_type in STOPS[found[0]]["event"]


def test_the_events_of_an_automation_are_known_beforehand():
    definition = _definition(stop=STOPS)
    assert start_events(definition) == ("orderDELIVERED",)
    assert stop_events(definition) == {"orderCANCELLED", "orderINITIALIZED", "orderIN_PROGRESS"}
    assert [place for place, _ in stop_rules_for(definition, "orderIN_PROGRESS")] == [1]
    assert stop_rules_for(definition, "x") == ()
    assert unsubscribe_rules(definition) == {"email": 2}


def test_a_run_wakes_for_the_event_that_it_waits_for():
    step = _definition(
        steps=[{"wait_for": {"event": "rated", "timeout": "1d", "where": BIG, "match": "contact"}}]
    ).steps[0]
    facts = {"order": {"totalCost": 20}}
    assert match_awaited(step, "rated", same_order=False, same_contact=True, facts=facts).held
    assert not match_awaited(step, "rated", same_order=False, same_contact=True, facts={}).held
    assert match_awaited(step, "rated", same_order=True, same_contact=False, facts=facts) is None
    assert match_awaited(step, "other", same_order=True, same_contact=True, facts=facts) is None


def test_an_event_finds_the_automations_that_it_concerns():
    wait = {"wait_for": {"event": ["rated", "rated"], "timeout": "1d"}}
    nested = {"if": {"where": BIG, "then": [wait]}}
    first, second = _definition(stop=STOPS), _definition({"event": ["rated", "orderDELIVERED"]}, steps=[nested])
    listeners = Listeners([(AUTOMATION, first), (EVENT, second)])
    assert [one.automation_id for one in listeners.starting("orderDELIVERED")] == [AUTOMATION, EVENT]
    assert [one.automation_id for one in listeners.starting("rated")] == [EVENT]
    assert [one.automation_id for one in listeners.stopping("orderCANCELLED")] == [AUTOMATION]
    assert [(one.automation_id, step.id) for one, step in listeners.awaiting("rated")] == [(EVENT, "wait-for-1")]
    assert [one.automation_id for one in listeners.unsubscribing("email")] == [AUTOMATION]
    assert listeners.starting("x") == listeners.stopping("x") == listeners.awaiting("x") == ()
