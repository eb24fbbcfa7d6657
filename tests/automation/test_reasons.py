"""Reasons in words that a marketer understands."""

from datetime import UTC, datetime

import pytest

from automation.conditions import Because
from automation.reasons import (
    Code,
    MessageCode,
    because_reason,
    choice_sentence,
    message_sentence,
    reason,
    run_sentence,
    sentence,
)

BECAUSE = Because("start.where", "order.totalCost", "gte", 20, 12)


@pytest.mark.parametrize(("stored", "text"), [
    (reason(Code.STARTED), "Started"),
    (reason(Code.STARTED, held=True), "Started, and waits until the automation is resumed"),
    (because_reason(Code.NOT_MATCHED, BECAUSE), "Not matched: totalCost is 12, the rule asks for at least 20"),
    (reason(Code.OTHER_EVENT, starts_on=["a", "b"]), "Not matched: it starts on a or b"),
    (reason(Code.OTHER_EVENT), "Not matched: it starts from a segment, not on an event"),
    (reason(Code.NO_EFFECT, effect="unchanged"), "Not matched: the order said nothing new"),
    (reason(Code.SUPPRESSED, unique="once_per_order", run="r1"),
     "Suppressed: it runs once for each order, and did so in run r1"),
    (reason(Code.SUPPRESSED, per="contact", within="7d", run="r1"),
     "Suppressed: it runs once for each contact within 7d, and did so in run r1"),
    (reason(Code.STILL_RUNNING, run="r1"), "Suppressed: run r1 for the same contact has not ended"),
    (reason(Code.SIGNALLED, event="rated"), "Woke a run that waited for rated"),
    (reason(Code.EMITTED_TOO_DEEP, depth=10), "Not started: 10 events in a row came from automations"),
    (reason(Code.STOPPED, event="orderCANCELLED", match="order"),
     "Stopped a run: orderCANCELLED came for the same order"),
    ({"code": "from the future"}, "from the future"),
])  # fmt: skip
def test_a_decision_is_told(stored, text):
    assert sentence(stored) == text


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_sentence(code):
    assert sentence({"code": code}) != code


@pytest.mark.parametrize("code", list(MessageCode))
def test_every_reason_of_a_message_has_a_sentence(code):
    text = message_sentence("skipped", {"code": code})
    assert text.startswith("Skipped: ")
    assert text != f"Skipped: {code}"


@pytest.mark.parametrize(("state", "stored", "text"), [
    ("sent", None, "Sent"),
    ("pending", None, "Not sent yet"),
    ("unknown", {"code": "attempt_died"},
     "Unknown whether it arrived: the worker died while the provider was being called"),
    ("skipped", {"code": "run_stopped", "detail": "orderCANCELLED came"},
     "Skipped: the run was stopped (orderCANCELLED came)"),
    ("failed", {"code": "new code"}, "Failed: new code"),
    ("skipped", {"code": "frequency_cap", "at_most": 1, "days": 7},
     "Skipped: the contact has had as many messages as the cap allows (at most 1 in 7 days)"),
    ("skipped", {"code": "too_late", "due_at": "2026-11-10T10:00:00+02:00"},
     "Skipped: it was later than the step allows (due 2026-11-10 08:00 UTC)"),
    ("skipped", {"code": "too_late", "due_at": "2026-11-10T08:00:00+00:00", "held_by": "paused"},
     "Skipped: it was later than the step allows (due 2026-11-10 08:00 UTC, held back by a pause of the automation)"),
    ("skipped", {"code": "too_late", "due_at": "2026-11-10T08:00:00+00:00", "held_by": "unreachable"},
     "Skipped: it was later than the step allows (due 2026-11-10 08:00 UTC, held back by the provider: unreachable)"),
])  # fmt: skip
def test_a_message_is_told(state, stored, text):
    assert message_sentence(state, stored) == text


@pytest.mark.parametrize(("state", "step", "text"), [
    ("waiting", "pause", "Waits at pause until 2026-11-10 08:00 UTC"),
    ("running", "thanks", "Is at thanks"),
    ("running", None, "Is at its first step"),
    ("pending", None, "Waits to be started"),
    ("done", None, "Done"),
    ("stopped", "pause", "Stopped: orderCANCELLED came"),
    ("waiting", "stopped", "Is being stopped: orderCANCELLED came"),
    ("failed", None, "failed"),
])  # fmt: skip
def test_a_run_is_told(state, step, text):
    due_at = datetime(2026, 11, 10, 8, tzinfo=UTC)
    stop = {"reason": "orderCANCELLED came"} if "stopped" in (state, step) else None
    assert run_sentence(state, step=step, due_at=due_at, stop=stop) == text


def test_a_branch_is_told():
    assert (
        choice_sentence("vip", "else", BECAUSE) == "At vip it took else: totalCost is 12, the rule asks for at least 20"
    )
    assert choice_sentence("test", "a", None) == "At test it took a: the arm of this contact"


def test_facts_that_are_nothing_are_left_out():
    assert reason(Code.SUPPRESSED, run=None, held=False, depth=0) == {"code": "suppressed", "depth": 0}
