"""Lengths of time as people write them."""

from datetime import UTC, datetime

import pytest

from automation.durations import Duration


@pytest.mark.parametrize(("text", "duration"), [
    ("10d", Duration(days=10)),
    ("36h", Duration(seconds=36 * 3600)),
    ("2w", Duration(days=14)),
    ("30m", Duration(seconds=1800)),
    ("45s", Duration(seconds=45)),
    ("1mo", Duration(months=1)),
    ("1y", Duration(months=12)),
    ("1d12h", Duration(days=1, seconds=43200)),
    ("1d 12h", Duration(days=1, seconds=43200)),
    ("P10D", Duration(days=10)),
    ("PT36H", Duration(seconds=36 * 3600)),
    ("P1M", Duration(months=1)),
    ("PT1M", Duration(seconds=60)),
    ("P1W", Duration(days=7)),
    ("P1Y2M3DT4H5M6S", Duration(14, 3, 4 * 3600 + 306)),
    ("-2d", Duration(days=-2)),
    ("+2d", Duration(days=2)),
    ("-P1M", Duration(months=-1)),
    ("5y", Duration(months=60)),
    ("1827d", Duration(days=1827)),
    ("0d", Duration()),
])  # fmt: skip
def test_it_is_read(text, duration):
    assert Duration.parse(text) == duration
    assert Duration.parse(str(duration)) == duration


@pytest.mark.parametrize("text", [
    "", "10", "d", "10x", "1.5d", "P", "PT", "P1DT", "1h1d", "10 days", "--1d", "tomorrow", "6y", "1828d", "43849h",
    "1d\n", "61mo",
    "٣d", "1m2mo",
])  # fmt: skip
def test_what_is_no_duration_or_longer_than_five_years_is_refused(text):
    with pytest.raises(ValueError, match=r"not a duration|longer than 5 years"):
        Duration.parse(text)


def test_a_day_and_24_hours_are_different():
    assert Duration.parse("1d") != Duration.parse("24h")
    assert (str(Duration.parse("P1D")), str(Duration.parse("PT24H"))) == ("1d", "24h")


def test_a_month_later_is_the_last_day_when_the_month_is_shorter():
    assert Duration(months=1).after(datetime(2026, 1, 31, tzinfo=UTC)) == datetime(2026, 2, 28, tzinfo=UTC)
    assert Duration(months=12).after(datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2029, 2, 28, tzinfo=UTC)
    assert Duration(months=-1).after(datetime(2028, 3, 31, tzinfo=UTC)) == datetime(2028, 2, 29, tzinfo=UTC)
