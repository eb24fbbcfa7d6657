"""What a backtest counts, with examples of each."""

from datetime import UTC, date, datetime

from automation.backtest import Backtest
from automation.backtest_report import Tally
from automation.backtest_time import account_of
from automation.definition import definition_json, load_definition
from automation.interpreter import Flow
from core.backtests import BacktestAsked
from store.backtest import past_event_facts
from tests.backtest.events import BEGIN, an_event

_AUTOMATION = load_definition("""
name: Counted
start: { event: orderDELIVERED }
stop: [ { event: orderCANCELLED } ]
steps:
  - send: { id: now, channel: email, template: thanks }
  - wait: { id: pause, for: 10d, at: "13:00", holidays: DE, zone: account }
  - send: { id: later, channel: email, template: thanks }
""")
_UNTIL = datetime(2027, 1, 1, tzinfo=UTC)


def test_sends_by_hour_contacts_with_many_messages_and_what_moved_or_kept_them_back_are_counted() -> None:
    asked = BacktestAsked(definition=definition_json(_AUTOMATION), since=BEGIN, until=_UNTIL, most_messages=2)
    flow = Flow(_AUTOMATION)
    tally = Tally(asked, flow, "Europe/Kyiv")
    account = account_of(zone="Europe/Kyiv", window="12:00-20:00", country=None)
    engine = Backtest(flow, tally, past_event_facts, account=account)
    # contact 1 has three messages within a week; contact 2 has two, 8 days apart; the wait of the last meets Christmas
    engine.take([
        *(an_event(number, order=number, hours=number * 24) for number in (1, 2, 3)),
        an_event(4, "orderCANCELLED", order=3, hours=80),
        an_event(5, order=5, contact=2, hours=5 * 24),
        an_event(6, order=6, contact=2, hours=43 * 24),
    ])  # fmt: skip
    engine.run_until(_UNTIL)
    report = tally.report(events=6, waiting=engine.under_way)
    assert (report.launches, report.stopped, report.sends_by_step) == (5, 1, {"now": 5, "later": 4})
    first = next(day for day in report.days if day.day == date(2026, 11, 3))
    assert (first.launches, first.hours[12], sum(first.hours)) == (1, 1, 1)  # 11:00 in Kyiv is before the window
    assert (report.most_messages, report.contacts_over) == (2, 1)
    assert (report.prevented, report.shifted) == (1, {"window": 5, "holiday": 1})
    shown = {kind: found[0] for kind, found in report.examples.items()}
    assert shown["contacts_over"].detail == "3 messages within 7 days"
    assert (shown["prevented"].key, shown["prevented"].step) == ("order-3", "later")
    assert shown["prevented"].detail == "orderCANCELLED came at 2026-11-05 17:00 UTC"
    assert shown["window"].detail == "from 2026-11-03 11:00 to 2026-11-03 12:00"
    assert shown["holiday"].detail == "from 2026-12-25 13:00 to 2026-12-27 13:00"
    assert {"sent", "stopped"} <= shown.keys()
