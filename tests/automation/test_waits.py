"""When waits are over."""

from datetime import UTC, datetime

import pytest

from automation.action_steps import WaitStep
from automation.durations import Duration
from automation.steps import WaitForStep
from automation.waits import Due, due, latest

KYIV = "Europe/Kyiv"


def _due(start: str, *, contact_zone=KYIV, account_zone="UTC", facts=None, country=None, **wait) -> Due:
    step = WaitStep.model_validate({"id": "w", **wait})
    begin = datetime.fromisoformat(start)
    return due(
        step, begin, contact_zone=contact_zone, account_zone=account_zone, facts=facts or {}, account_country=country
    )


def _at(start: str, **wait) -> str:
    return _due(start, **wait).at.isoformat()


@pytest.mark.parametrize(("start", "wait", "expected"), [
    # a day is a calendar day, 24 hours are hours: Kyiv went to summer time on 29 March 2026 at 03:00
    ("2026-03-28T10:00+02:00", {"for": "1d"}, "2026-03-29T07:00:00+00:00"),
    ("2026-03-28T10:00+02:00", {"for": "24h"}, "2026-03-29T08:00:00+00:00"),
    ("2026-03-28T10:00+02:00", {"for": "P1DT1H"}, "2026-03-29T08:00:00+00:00"),
    # and back on 25 October 2026 at 04:00
    ("2026-10-24T10:00+03:00", {"for": "1d"}, "2026-10-25T08:00:00+00:00"),
    ("2026-10-24T10:00+03:00", {"for": "24h"}, "2026-10-25T07:00:00+00:00"),
    # a time that does not exist that day moves to the next valid instant
    ("2026-03-28T03:30+02:00", {"for": "1d"}, "2026-03-29T01:00:00+00:00"),
    ("2026-03-28T10:00+02:00", {"for": "1h", "at": "03:30"}, "2026-03-29T01:00:00+00:00"),
    # one that exists twice means the first
    ("2026-10-24T03:30+03:00", {"for": "1d"}, "2026-10-25T00:30:00+00:00"),
    ("2026-10-24T10:00+03:00", {"for": "1h", "at": "03:30"}, "2026-10-25T00:30:00+00:00"),
    ("2026-10-25T00:45:00Z", {"at": "03:30"}, "2026-10-26T01:30:00+00:00"),
    # month ends and leap days
    ("2026-01-31T12:00+02:00", {"for": "1mo"}, "2026-02-28T10:00:00+00:00"),
    ("2028-01-31T12:00+02:00", {"for": "1mo"}, "2028-02-29T10:00:00+00:00"),
    ("2028-02-29T12:00+02:00", {"for": "1y"}, "2029-02-28T10:00:00+00:00"),
    ("2026-12-31T12:00+02:00", {"for": "P1M1D"}, "2027-02-01T10:00:00+00:00"),
    ("2026-03-01T12:00+02:00", {"for": "5y"}, "2031-03-01T10:00:00+00:00"),
    # the length first, then the first moment at or after it
    ("2026-11-02T09:00+02:00", {"for": "1d", "at": "10:00"}, "2026-11-03T08:00:00+00:00"),
    ("2026-11-02T11:00+02:00", {"for": "1d", "at": "10:00"}, "2026-11-04T08:00:00+00:00"),
    ("2026-11-02T10:00+02:00", {"for": "1d", "at": "10:00"}, "2026-11-03T08:00:00+00:00"),
    ("2026-11-02T09:00+02:00", {"at": "10:00"}, "2026-11-02T08:00:00+00:00"),
    # weekdays: 7 November 2026 is a Saturday
    ("2026-11-06T15:00+02:00", {"for": "1d", "at": "10:00", "not_on": ["sat", "sun"]}, "2026-11-09T08:00:00+00:00"),
    ("2026-11-06T15:00+02:00", {"for": "1d", "not_on": ["sat", "sun"]}, "2026-11-08T22:00:00+00:00"),
    ("2026-11-06T15:00+02:00", {"for": "1d", "on": ["sat"]}, "2026-11-07T13:00:00+00:00"),
    ("2026-11-07T15:00+02:00", {"on": ["sat"], "at": "10:00"}, "2026-11-14T08:00:00+00:00"),
    ("2026-11-06T15:00+02:00", {"on": ["mon"]}, "2026-11-08T22:00:00+00:00"),
    # holidays
    ("2026-12-24T09:00+02:00", {"for": "1d", "at": "10:00", "holidays": "UA"}, "2026-12-26T08:00:00+00:00"),
    ("2026-12-24T09:00+02:00", {"for": "1d", "at": "10:00", "holidays": "DE-BY"}, "2026-12-27T08:00:00+00:00"),
    ("2026-12-24T09:00+02:00", {"for": "1d", "at": "10:00", "holidays": "GB", "not_on": ["sun"]},
     "2026-12-29T08:00:00+00:00"),
    # the zone
    ("2026-11-02T09:00Z", {"at": "10:00", "zone": "account"}, "2026-11-02T10:00:00+00:00"),
    ("2026-11-02T09:00Z", {"at": "10:00", "zone": "America/New_York"}, "2026-11-02T15:00:00+00:00"),
    ("2026-11-02T23:30Z", {"for": "1d", "not_on": ["wed"], "zone": "Asia/Tokyo"}, "2026-11-04T15:00:00+00:00"),
    # Samoa had no 30 December 2011
    ("2011-12-29T21:00Z", {"for": "1d", "at": "10:00", "zone": "Pacific/Apia"}, "2011-12-30T20:00:00+00:00"),
    ("2011-12-29T21:00Z", {"for": "1d", "zone": "Pacific/Apia"}, "2011-12-30T10:00:00+00:00"),
])  # fmt: skip
def test_a_wait_ends_when_its_rules_say(start, wait, expected):
    assert _at(start, **wait) == expected


ORDER = {"order": {"date": "2026-11-10T09:00:00+02:00", "additionalInfo": {"pickup": "2026-11-10"}}}


@pytest.mark.parametrize(("wait", "expected"), [
    ({"until": "order.date"}, "2026-11-10T07:00:00+00:00"),
    ({"until": "order.additionalInfo.pickup"}, "2026-11-09T22:00:00+00:00"),
    ({"until": "order.additionalInfo.pickup", "at": "10:00"}, "2026-11-10T08:00:00+00:00"),
    ({"until": "order.additionalInfo.pickup", "offset": "-2d", "at": "10:00"}, "2026-11-08T08:00:00+00:00"),
    ({"until": "order.date", "offset": "+36h"}, "2026-11-11T19:00:00+00:00"),
    ({"until": "order.date", "offset": "-1mo"}, "2026-11-01T10:00:00+00:00"),
    ({"until": "order.additionalInfo.other"}, "2026-11-01T10:00:00+00:00"),
    ({"until": "order.additionalInfo.other", "at": "13:00"}, "2026-11-01T11:00:00+00:00"),
])  # fmt: skip
def test_a_wait_can_last_until_a_date_of_the_order(wait, expected):
    assert _at("2026-11-01T12:00+02:00", facts=ORDER, **wait) == expected


@pytest.mark.parametrize(("value", "note"), [
    ("2020-01-01", "is past"), (None, "holds no date"), ("soon", "holds no date"), (5, "holds no date"),
    ("2040-01-01", "more than 5 years away"), ("9999-12-31T23:59:59Z", "more than 5 years away"),
    ("0001-01-01", "is past"),
])  # fmt: skip
def test_a_date_that_cannot_be_waited_for_is_told(value, note):
    facts = {"order": {"date": value}}
    found = _due("2026-11-01T12:00+02:00", facts=facts, until="order.date", offset="1y" if value else None)
    assert note in found.notes[0]
    assert found.at in (datetime(2026, 11, 1, 10, tzinfo=UTC), datetime(2031, 11, 2, 10, tzinfo=UTC))


@pytest.mark.parametrize(("wait", "notes"), [
    ({"for": "1d", "at": "10:00"}, ()),
    ({"for": "1d", "not_on": ["wed"]}, ("passed over 2026-12-23 (wed)",)),
    ({"for": "2d", "at": "10:00", "not_on": ["sat", "sun"], "holidays": "UA"}, ()),
    ({"for": "3d", "at": "10:00", "not_on": ["sat", "sun"], "holidays": "UA"},
     ("passed over 2026-12-25 (Christmas Day), 2026-12-26 (sat), 2026-12-27 (sun)",)),
])  # fmt: skip
def test_what_moved_the_end_is_told(wait, notes):
    assert _due("2026-12-22T09:00+02:00", **wait).notes == notes


def test_a_clock_that_skips_the_time_is_told():
    notes = _due("2026-03-28T10:00+02:00", at="03:30").notes
    assert notes == ("03:30 does not exist on 2026-03-29 in Europe/Kyiv; the next moment is 04:00",)


@pytest.mark.parametrize(("zone", "notes"), [
    (None, ()), ("", ()), ("Nowhere/At_All", ("the contact's time zone 'Nowhere/At_All' is not known; UTC is used",)),
    ("../../etc/passwd", ("the contact's time zone '../../etc/passwd' is not known; UTC is used",)),
])  # fmt: skip
def test_without_a_zone_of_the_contact_the_account_has_one(zone, notes):
    found = _due("2026-11-02T09:00Z", contact_zone=zone, at="10:00")
    assert (found.at, found.notes) == (datetime(2026, 11, 2, 10, tzinfo=UTC), notes)


def test_the_holidays_of_the_account_are_those_of_its_country():
    start = "2026-12-24T09:00+02:00"
    assert _at(start, **{"for": "1d"}, at="10:00", holidays="account", country="UA") == "2026-12-26T08:00:00+00:00"
    assert _at(start, **{"for": "1d"}, at="10:00", holidays="account") == "2026-12-25T08:00:00+00:00"


def test_the_language_of_the_machine_does_not_reach_the_notes(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "uk")
    assert "Independence Day" in _due("2026-08-23T09:00+03:00", **{"for": "1d"}, holidays="UA").notes[0]


def test_the_timeout_of_wait_for_counts_days_on_the_calendar():
    step = WaitForStep.model_validate({"id": "w", "event": "e", "timeout": "1d"})
    start = datetime.fromisoformat("2026-03-28T10:00+02:00")
    found = due(step, start, contact_zone=KYIV, account_zone="UTC", facts={})
    assert found.at == datetime(2026, 3, 29, 7, tzinfo=UTC)


def test_lateness_counts_from_the_due_moment():
    due_at = datetime(2026, 3, 28, 8, tzinfo=UTC)
    assert latest(Duration(days=1), due_at, KYIV) == datetime(2026, 3, 29, 7, tzinfo=UTC)
    assert latest(Duration(seconds=3600), due_at, KYIV) == datetime(2026, 3, 28, 9, tzinfo=UTC)
