"""What conditions mean: one table for values, and what is said about the value that decided."""

import json
from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from automation.conditions import Because, Condition, compile_condition, describe, evaluate, sentence

CONDITION = TypeAdapter(Condition)


def _verdict(condition, facts):
    return evaluate(CONDITION.validate_python(condition), facts)


def _held(op, actual, value=None, **facts):
    condition = {"field": "event.x", "op": op} | ({} if value is None else {"value": value})
    return _verdict(condition, {"event": {"x": actual}, **facts}).held


@pytest.mark.parametrize(("actual", "op", "value", "held"), [
    # numbers are exact, and text that is a number is a number
    (Decimal("20.00"), "eq", 20, True),
    (Decimal("20.00"), "eq", 20.0, True),
    ("20.00", "eq", 20, True),
    (" 20 ", "eq", 20, True),
    (20, "eq", "20.0", True),
    (Decimal("0.1"), "eq", 0.1, True),
    (0.1 + 0.2, "eq", 0.3, False),
    (Decimal("19.99"), "gte", 20, False),
    (Decimal("19.99"), "lt", 20, True),
    ("9", "lt", 10, True),
    (20, "gt", 20, False),
    (20, "lte", 20, True),
    (-0, "eq", 0, True),
    ("1e3", "eq", 1000, False),
    ("NaN", "gt", 0, False),
    (float("nan"), "lt", 1, False),
    ("twenty", "gt", 1, False),
    ("twenty", "ne", 1, True),
    (10**30, "gt", 10, True),
    # two texts are text
    ("DELIVERED", "eq", "DELIVERED", True),
    ("delivered", "eq", "DELIVERED", False),
    ("007", "eq", "7", False),
    ("20.0", "eq", "20", False),
    ("b", "gt", "a", True),
    ("Київ", "eq", "Київ", True),
    ("", "eq", "", True),
    ("", "ne", "x", True),
    # true and false
    (True, "eq", True, True),
    (True, "eq", 1, False),
    (1, "eq", True, False),
    ("true", "eq", True, True),
    (False, "eq", "false", True),
    (False, "ne", True, True),
    # dates with dates
    ("2026-03-01T10:00:00+02:00", "eq", "2026-03-01T08:00:00Z", True),
    ("2026-03-01T10:00:00+02:00", "lt", "2026-03-01T08:00:01+00:00", True),
    ("2026-03-01T10:00:00.1234567Z", "gt", "2026-03-01T10:00:00Z", True),
    ("2026-03-01T10:00:00Z", "eq", "2026-03-01", True),
    ("2026-03-01T23:59:59Z", "lte", "2026-03-01", True),
    ("2026-03-02T00:00:00Z", "lte", "2026-03-01", False),
    ("2026-03-01", "lt", "2026-03-02", True),
    ("2026-13-01", "lt", "2026-03-01", False),
    ("soon", "before", "2026-03-01", False),
    ("2026-02-28T23:00:00Z", "before", "2026-03-01", True),
    ("2026-03-01T23:00:00Z", "after", "2026-03-01", False),
    ("2026-03-02", "after", "2026-03-01", True),
    ("2026-03-01T10:00:00", "after", "2026-03-01T09:59:59Z", True),
    (20260301, "before", "2026-04-01", False),
    # lists
    ("a", "in", ["a", "b"], True),
    ("c", "in", ["a", "b"], False),
    ("2", "in", [1, 2], True),
    (None, "in", ["a"], False),
    (["a", "b"], "contains", "a", True),
    (["1", 2], "contains", 2, True),
    (["ab"], "contains", "a", False),
    ([None], "contains", "a", False),
    # text within text
    ("Order of cups", "contains", "cups", True),
    ("Order of cups", "starts_with", "Order", True),
    ("Order of cups", "ends_with", "cups", True),
    ("Order", "ends_with", "order", False),
    (12345, "starts_with", "123", True),
    (True, "contains", "r", False),
    ({"a": 1}, "contains", "a", False),
    ("UA-123", "matches", r"^UA-\d+$", True),
    ("xUA-123", "matches", r"UA", True),
    ("ЗАМОВЛЕННЯ", "matches", r"(?i)замовлення", True),
    ("UA-", "matches", r"^UA-\d+$", False),
    # set and empty
    (0, "is_set", None, True),
    (False, "is_set", None, True),
    ("", "is_empty", None, True),
    ([], "is_empty", None, True),
    (" ", "is_empty", None, False),
    ("x", "is_set", None, True),
    # other shapes are different, never an error
    ({"a": 1}, "eq", "a", False),
    ({"a": 1}, "ne", "a", True),
    ([1], "gt", 0, False),
])  # fmt: skip
def test_values_compare_as_the_table_says(actual, op, value, held):
    assert _held(op, actual, value) is held


@pytest.mark.parametrize(("op", "value"), [
    ("eq", "x"), ("ne", "x"), ("gt", 1), ("gte", 1), ("lt", 1), ("lte", 1), ("in", ["x"]), ("contains", "x"),
    ("starts_with", "x"), ("ends_with", "x"), ("matches", "x"), ("is_set", None), ("before", "2026-01-01"),
    ("after", "2026-01-01"), ("before", "-1d"), ("within", "1d"),
])  # fmt: skip
@pytest.mark.parametrize("facts", [{}, {"event": {}}, {"event": None}, {"event": {"x": None}}, {"event": "text"}])
def test_on_a_missing_field_only_is_empty_holds(op, value, facts):
    condition = {"field": "event.x", "op": op} | ({} if value is None else {"value": value})
    facts = {**facts, "run": {"now": "2026-03-01T00:00:00Z"}}
    assert not _verdict(condition, facts).held
    assert _verdict({"not": condition}, facts).held
    assert _verdict({"field": "event.x", "op": "is_empty"}, facts).held


@pytest.mark.parametrize(("moment", "value", "held"), [
    ("2026-03-01T00:00:00Z", "30d", True),
    ("2026-03-31T00:00:00Z", "30d", True),
    ("2026-03-31T00:00:01Z", "30d", False),
    ("2026-01-30T00:00:00Z", "30d", True),
    ("2026-01-29T00:00:00Z", "30d", False),
    ("2026-03-01T00:59:59Z", "1h", True),
    ("9999-12-31T00:00:00Z", "1d", False),
])  # fmt: skip
def test_within_counts_from_the_given_now_to_both_sides(moment, value, held):
    assert _held("within", moment, value, run={"now": "2026-03-01T00:00:00Z"}) is held


def test_within_can_count_from_another_moment():
    condition = {"field": "event.x", "op": "within", "value": "2d", "of": "order.date"}
    facts = {"event": {"x": "2026-03-03T00:00:00Z"}, "order": {"date": "2026-03-01T00:00:00Z"}}
    assert _verdict(condition, facts).held
    assert not _verdict(condition, {**facts, "order": {}}).held


def test_before_and_after_take_a_length_of_time_from_now():
    run = {"now": "2026-03-31T12:00:00Z"}
    assert _held("before", "2026-03-01T11:59:00Z", "-30d", run=run)
    assert not _held("before", "2026-03-01T12:01:00Z", "-30d", run=run)
    assert _held("after", "2026-04-01T13:00:00Z", "1d", run=run)


def test_text_without_an_offset_is_in_the_zone_of_the_run():
    condition = {"field": "event.x", "op": "eq", "value": "2026-03-01T10:00:00"}
    facts = {"event": {"x": "2026-03-01T08:00:00Z"}}
    assert _verdict(condition, {**facts, "run": {"zone": "Europe/Kyiv"}}).held
    assert not _verdict(condition, {**facts, "run": {"zone": "Mars/Base"}}).held
    assert not _verdict(condition, facts).held


FACTS = {
    "order": {
        "totalCost": Decimal("12.50"),
        "items": [
            {"category": "cups", "cost": Decimal("5.50"), "quantity": 2},
            {"category": "tea", "cost": "1.50", "quantity": 1},
            {"name": "no category", "cost": "free"},
        ],
    }
}
CUPS = {"field": "item.category", "op": "eq", "value": "cups"}


@pytest.mark.parametrize(("condition", "held", "actual"), [
    ({"items": "any", "where": CUPS}, True, "1 of 3"),
    ({"items": "all", "where": CUPS}, False, "1 of 3"),
    ({"items": "all", "where": {"field": "item.cost", "op": "is_set"}}, True, "3 of 3"),
    ({"items": "any", "where": {"not": CUPS}}, True, "2 of 3"),
    ({"items": "count", "op": "gte", "value": 3}, True, 3),
    ({"items": "count", "where": CUPS, "op": "eq", "value": 1}, True, 1),
    ({"items": "sum", "of": "item.cost", "op": "eq", "value": 7}, True, Decimal("7.00")),
    ({"items": "sum", "of": "item.cost", "where": CUPS, "op": "gt", "value": 5.5}, False, Decimal("5.50")),
    ({"items": "any", "where": {"all": [CUPS, {"field": "order.totalCost", "op": "gt", "value": 12}]}}, True, "1 of 3"),
])  # fmt: skip
def test_items_are_looked_at_one_by_one(condition, held, actual):
    verdict = _verdict(condition, FACTS)
    assert (verdict.held, verdict.because.actual) == (held, actual)


@pytest.mark.parametrize(
    "facts", [{}, {"order": None}, {"order": {}}, {"order": {"items": []}}, {"order": {"items": 1}}]
)
def test_without_items_neither_any_nor_all_holds_and_there_are_none_to_count(facts):
    assert not _verdict({"items": "any", "where": CUPS}, facts).held
    assert not _verdict({"items": "all", "where": CUPS}, facts).held
    assert _verdict({"items": "count", "op": "eq", "value": 0}, facts).held
    assert _verdict({"items": "sum", "of": "item.cost", "op": "lt", "value": 1}, facts).held


LOW = {"field": "order.totalCost", "op": "gte", "value": 20}
HIGH = {"field": "order.totalCost", "op": "gte", "value": 10}


@pytest.mark.parametrize(("condition", "held", "place"), [
    ({"all": [HIGH, LOW, HIGH]}, False, "where.all[1]"),
    ({"all": [HIGH, HIGH]}, True, "where.all[1]"),
    ({"any": [LOW, HIGH, LOW]}, True, "where.any[1]"),
    ({"any": [LOW, LOW]}, False, "where.any[1]"),
    ({"not": {"any": [LOW, HIGH]}}, False, "where.not.any[1]"),
    ({"not": {"all": [LOW, HIGH]}}, True, "where.not.all[0]"),
    ({"all": [{"any": [LOW, {"not": LOW}]}, HIGH]}, True, "where.all[1]"),
])  # fmt: skip
def test_the_condition_that_decided_is_named(condition, held, place):
    verdict = _verdict(condition, FACTS)
    assert (verdict.held, verdict.because.place) == (held, place)


@pytest.mark.parametrize(("condition", "text"), [
    (LOW, "totalCost is 12.5, the rule asks for at least 20"),
    ({"not": HIGH}, "totalCost is 12.5, the rule excludes at least 10"),
    ({"field": "event.status", "op": "in", "value": ["A", "B"]},
     "event.status is not set, the rule asks for one of A, B"),
    ({"field": "order.totalCost", "op": "is_empty"}, "totalCost is 12.5, the rule asks for no value"),
    ({"items": "any", "where": {"field": "item.category", "op": "eq", "value": "shoes"}},
     "items fulfil it: 0 of 3, the rule asks for at least one item with item.category: shoes"),
    ({"items": "sum", "of": "item.cost", "op": "gte", "value": 50},
     "sum of item.cost is 7, the rule asks for at least 50"),
    ({"items": "count", "where": CUPS, "op": "gt", "value": 1},
     "number of items (item.category: cups) is 1, the rule asks for more than 1"),
])  # fmt: skip
def test_what_decided_is_told_in_a_sentence(condition, text):
    assert sentence(_verdict(condition, FACTS).because) == text


def test_what_decided_is_kept_as_json_and_read_back():
    because = _verdict(LOW, FACTS).because
    kept = json.loads(json.dumps(because.as_json()))
    assert kept == {
        "place": "where", "field": "order.totalCost", "op": "gte", "expected": 20, "actual": 12.5,
    }  # fmt: skip
    assert sentence(Because.from_json(kept)) == sentence(because)


def test_a_reason_does_not_keep_long_values():
    facts = {"event": {"x": "long " * 1000, "y": list(range(1000))}}
    kept = _verdict({"field": "event.x", "op": "eq", "value": "short"}, facts).because.as_json()
    assert len(kept["actual"]) < 250
    kept = _verdict({"field": "event.y", "op": "contains", "value": -1}, facts).because.as_json()
    assert len(kept["actual"]) == 20


def test_a_condition_is_compiled_once_for_many_facts():
    check = compile_condition(CONDITION.validate_python(LOW), "start.where")
    assert [check({"order": {"totalCost": cost}}).held for cost in (19, 20, 21)] == [False, True, True]
    assert check({}).because.place == "start.where"


def test_a_condition_is_described_in_words():
    condition = CONDITION.validate_python({"any": [{"all": [LOW, CUPS | {"field": "order.source"}]}, {"not": HIGH}]})
    assert describe(condition) == "(totalCost: at least 20 and source: cups) or not (totalCost: at least 10)"
