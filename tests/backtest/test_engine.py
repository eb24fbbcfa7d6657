"""What a backtest makes of a few events: the same stories that runs tell."""

from datetime import UTC, datetime

import pytest

from automation.backtest import Backtest
from automation.backtest_run import Watcher
from automation.backtest_time import Account, account_of
from automation.definition import load_definition
from automation.interpreter import Flow
from automation.schedule import SendWindow
from core.errors import InvalidError
from store.backtest import past_event_facts
from tests.backtest.events import an_event, played
from tests.builders import DELIVERED_REVIEW


def _automation(steps: str, *, start: str = "{ event: orderDELIVERED }", stop: str = "[]") -> str:
    return f"name: A\nstart: {start}\nstop: {stop}\nsteps:\n{steps}"


SEND = "  - send: { id: hello, channel: email, template: thanks }\n"


def test_the_review_is_due_at_ten_two_weeks_later_in_the_contacts_zone() -> None:
    kept = played(DELIVERED_REVIEW, [an_event(1)])
    assert [(step, at) for _, step, at in kept.sends] == [
        ("thanks", datetime(2026, 11, 2, 9, 0, tzinfo=UTC)),
        ("review", datetime(2026, 11, 17, 8, 0, tzinfo=UTC)),  # 11:00 in Kyiv is past ten: the next day
    ]


def test_a_stop_keeps_the_second_message_back_and_tells_so() -> None:
    kept = played(DELIVERED_REVIEW, [an_event(1), an_event(2, "orderCANCELLED", hours=200)])
    assert [step for _, step, _ in kept.sends] == ["thanks"]
    assert kept.kept_back == [("order-1", "review")]


def test_a_stop_of_the_same_request_prevents_everything() -> None:
    kept = played(DELIVERED_REVIEW, [an_event(1), an_event(2, "orderCANCELLED")])
    assert kept.sends == []
    assert [step for _, step in kept.kept_back] == ["thanks", "review"]


def test_an_event_without_effect_neither_starts_nor_stops() -> None:
    events = [
        an_event(1),
        an_event(2, "orderCANCELLED", hours=1, effect="stale"),
        an_event(3, effect="unchanged", hours=2),
    ]
    kept = played(DELIVERED_REVIEW, events)
    assert len(kept.sends) == 2
    assert kept.unmatched == 1


def test_the_order_of_a_later_step_is_the_one_of_that_day() -> None:
    yaml = _automation(
        "  - wait: 2h\n  - get_order: {}\n"
        "  - if: { id: big, where: { field: order.totalCost, op: gte, value: 50 }, then: [ { send: "
        "{ id: hello, channel: email, template: thanks } } ] }\n"
    )
    events = [an_event(1), an_event(2, "orderIN_PROGRESS", hours=1, totalCost=10)]
    assert played(yaml, events[:1]).sends
    assert played(yaml, events).sends == []


def test_a_run_wakes_at_the_awaited_event_and_else_at_the_timeout() -> None:
    yaml = _automation(
        "  - wait_for: { id: paid, event: paid, timeout: 3d, then: [ { wait: 1h }, { send: "
        "{ id: yes, channel: email, template: thanks } } ], else: [ { send: "
        "{ id: no, channel: email, template: thanks } } ] }\n"
    )
    events = [an_event(1), an_event(2, order=2, contact=2), an_event(3, "paid", hours=5)]
    kept = played(yaml, events)
    assert [(key, step) for key, step, _ in kept.sends] == [("order-1", "yes"), ("order-2", "no")]
    assert kept.sends[0][2] == datetime(2026, 11, 2, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("unique", "launches"),
    [("once_per_status", 3), ("once_per_order", 2), ("once_per_contact", 1), ("each_time", 5),
     ("{ per: contact, within: 3h }", 2)],
)  # fmt: skip
def test_each_rule_of_uniqueness_refuses_what_it_should(unique: str, launches: int) -> None:
    yaml = _automation(SEND, start=f"{{ event: [orderDELIVERED, paid], unique: {unique} }}")
    events = [
        an_event(1),
        an_event(2, hours=1),
        an_event(3, "paid", hours=2),
        an_event(4, hours=2.5, order=2),
        an_event(5, hours=4, order=2),
    ]
    kept = played(yaml, events)
    assert (len(kept.launches), len(kept.refused)) == (launches, 5 - launches)


def test_a_second_run_of_a_contact_is_skipped_or_replaces_the_first() -> None:
    events = [an_event(1), an_event(2, hours=1, order=2)]
    skip, replace = (
        played(_automation("  - wait: 1d\n" + SEND, start=f"{{ event: orderDELIVERED, if_running: {word} }}"), events)
        for word in ("skip", "replace")
    )
    assert (skip.refused, [key for key, *_ in skip.sends]) == (["still_running"], ["order-1"])
    assert (replace.kept_back, [key for key, *_ in replace.sends]) == ([("order-1", "hello")], ["order-2"])


def test_a_message_that_became_too_late_or_has_no_address_is_skipped() -> None:
    window = SendWindow.model_validate({"from": "09:00", "to": "10:00"})
    late = _automation("  - wait: 12h\n  - send: { id: hello, channel: email, template: thanks, not_after: 1h }\n")
    kept = played(late, [an_event(1)], account=Account(window=window))
    assert kept.skips == [("hello", "too_late")]
    assert [cause for cause, *_ in kept.moved] == ["window"]
    assert played(_automation(SEND), [an_event(1, contact=None)]).skips == [("hello", "no_address")]


def test_a_day_of_lateness_is_a_day_on_the_contacts_calendar() -> None:
    yaml = _automation(
        "  - send: { id: hello, channel: email, template: thanks, not_after: 1d, "
        "window: { from: '11:30', to: '12:00', days: [sun] } }\n"
    )
    # due on Saturday at 11:00 in Kyiv, where the next day has 23 hours; the window opens on Sunday at 11:30
    event = an_event(1, hours=145 * 24)
    assert played(yaml, [event]).skips == [("hello", "too_late")]


def test_holidays_that_move_a_send_are_told() -> None:
    yaml = _automation('  - wait: { for: 10d, at: "10:00", holidays: DE, zone: account }\n' + SEND)
    kept = played(yaml, [an_event(1, hours=24 * 43 - 2)])  # 15 December, so 25 and 26 December are in the way
    assert [(cause, wanted.day, at.day) for cause, wanted, at in kept.moved] == [("holiday", 25, 27)]


def test_a_split_takes_the_arm_that_runs_take() -> None:
    yaml = _automation(
        "  - split: { id: ab, arms: [ { name: a, weight: 1, steps: [ { send: "
        "{ id: a, channel: email, template: t } } ] },"
        " { name: b, weight: 1, holdout: true } ] }\n"
    )
    kept = played(yaml, [an_event(n, order=n, contact=n) for n in range(1, 41)])
    again = played(yaml, [an_event(n + 100, order=n + 100, contact=n) for n in range(1, 41)])
    assert 5 < len(kept.sends) < 35
    assert [one for one, _ in kept.contacts] == [one for one, _ in again.contacts]


def test_a_start_from_a_segment_is_refused() -> None:
    yaml = _automation(SEND, start="{ segment: lost, schedule: { at: '10:00' } }")
    with pytest.raises(InvalidError):
        Backtest(Flow(load_definition(yaml)), Watcher(), past_event_facts)


def test_a_message_outside_of_the_allowed_time_is_sent_when_that_begins() -> None:
    account = account_of(zone="Europe/Kyiv", window="12:00-20:00", country=None)
    kept = played(_automation(SEND), [an_event(1)], account=account)
    assert [at for _, _, at in kept.sends] == [datetime(2026, 11, 2, 10, 0, tzinfo=UTC)]
    assert [(cause, at.hour) for cause, _, at in kept.moved] == [("window", 10)]
    obligatory = _automation(SEND.replace("thanks }", "thanks, obligatory: true }"))
    assert played(obligatory, [an_event(1)], account=account).sends[0][2] == datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def test_a_message_counts_as_delivered_and_never_as_opened() -> None:
    check = (
        "  - check_message: { id: seen, state: STATE, then: [ { stop: {} } ], else: [ { send: "
        "{ id: again, channel: email, template: thanks } } ] }\n"
    )
    for state, sends in (("delivered", ["hello"]), ("opened", ["hello", "again"])):
        kept = played(_automation(SEND + check.replace("STATE", state)), [an_event(1)])
        assert [step for _, step, _ in kept.sends] == sends
