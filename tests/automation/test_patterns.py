"""`matches` cannot be made to hang: patterns that would take for ever elsewhere are answered at once or refused."""

import pytest
from pydantic import TypeAdapter

from automation.conditions import Condition, evaluate
from automation.patterns import MAX_TEXT, compile_pattern

CATASTROPHIC = [r"^(a+)+$", r"^(a|a)*$", r"^(a|aa)+$", r"(.*a){20}$", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"^(\d+|\d+)*x$"]


@pytest.mark.parametrize("pattern", CATASTROPHIC)
def test_a_catastrophic_pattern_is_answered(pattern):
    # with backtracking each of these needs longer than the universe is old
    condition = TypeAdapter(Condition).validate_python({"field": "event.x", "op": "matches", "value": pattern})
    assert evaluate(condition, {"event": {"x": "a" * (MAX_TEXT - 1) + "!"}}).held is False


@pytest.mark.parametrize(("pattern", "why"), [
    (r"(a)\1", "invalid escape sequence"),
    (r"(?=a)b", "invalid perl operator"),
    (r"(?<!a)b", "invalid perl operator"),
    (r"((a{1,900}){1,900}){1,900}", "bad repetition operator|invalid repetition size|too large"),
    (r"(", "missing"),
    ("a" * 501, "at most 500"),
])  # fmt: skip
def test_a_pattern_that_cannot_be_bounded_is_refused_with_the_reason(pattern, why):
    with pytest.raises(ValueError, match=why):
        compile_pattern(pattern)


def test_text_is_searched_only_so_far():
    pattern = {"field": "event.x", "op": "matches", "value": "end$"}
    condition = TypeAdapter(Condition).validate_python(pattern)
    assert evaluate(condition, {"event": {"x": "the end"}}).held
    assert not evaluate(condition, {"event": {"x": "x" * MAX_TEXT + "end"}}).held


@pytest.mark.parametrize("text", ["\ud800", "🎉 party", "a\x00b"])
def test_any_text_can_be_searched(text):
    condition = TypeAdapter(Condition).validate_python({"field": "event.x", "op": "matches", "value": "zzz"})
    assert evaluate(condition, {"event": {"x": text}}).held is False
