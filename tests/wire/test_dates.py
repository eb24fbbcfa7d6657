from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from api.wire.dates import in_utc
from api.wire.reading import OrderRules
from core.settings import Settings
from tests.wire.orders import given, only_error, raw_order


def utc(*parts: int) -> datetime:
    return datetime(*parts).replace(tzinfo=UTC)  # type: ignore[arg-type] # noqa: DTZ001 # it cannot tell ints from a zone


@pytest.mark.parametrize("field", ["date", "statusDate"])
@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-05-14T10:11:10+03:00", utc(2026, 5, 14, 7, 11, 10)),
        ("2026-05-14T10:11:10.7022176+03:00", utc(2026, 5, 14, 7, 11, 10, 702217)),
        ("2026-05-14T10:11:10.7022179Z", utc(2026, 5, 14, 10, 11, 10, 702217)),
        ("2026-05-14T10:11:10.123456789Z", utc(2026, 5, 14, 10, 11, 10, 123456)),
        ("2026-05-14T10:11:10.7Z", utc(2026, 5, 14, 10, 11, 10, 700000)),
        ("2026-05-14T10:11:10,7Z", utc(2026, 5, 14, 10, 11, 10, 700000)),
        ("2026-05-14t10:11:10z", utc(2026, 5, 14, 10, 11, 10)),
        ("2026-05-14 10:11:10Z", utc(2026, 5, 14, 10, 11, 10)),
        (" 2026-05-14T10:11:10Z\n", utc(2026, 5, 14, 10, 11, 10)),
        ("2026-05-14T10:11-05:00", utc(2026, 5, 14, 15, 11)),
        ("2026-05-14T10:11:10+0300", utc(2026, 5, 14, 7, 11, 10)),
        ("2026-05-14T10:11:10+03", utc(2026, 5, 14, 7, 11, 10)),
        ("20260514T101110Z", utc(2026, 5, 14, 10, 11, 10)),
        ("2026-05-14T10:11:10.7022176", utc(2026, 5, 14, 7, 11, 10, 702217)),
        ("2026-05-14 10:11:10", utc(2026, 5, 14, 7, 11, 10)),
        ("2026-01-14 10:11:10", utc(2026, 1, 14, 8, 11, 10)),
        ("2026-05-14", utc(2026, 5, 13, 21)),
        ("20260514", utc(2026, 5, 13, 21)),
        ("2026-W20-4", utc(2026, 5, 13, 21)),
        ("1970-01-01T00:00:00+14:00", utc(1969, 12, 31, 10)),
        ("2199-12-31T23:59:59-12:00", utc(2200, 1, 1, 11, 59, 59)),
    ],
)
def test_dates_are_understood(field: str, written: str, moment: datetime) -> None:
    found = given(raw_order(**{field: written}))["date" if field == "date" else "status_date"]
    assert (found, found.tzinfo) == (moment, UTC)


@pytest.mark.parametrize("field", ["date", "statusDate"])
@pytest.mark.parametrize(
    "value",
    [
        " ",
        "yesterday",
        "14.05.2026",
        "05/14/2026",
        "2026-5-14",
        "2026-02-30",
        "2026-13-01",
        "2026-05-14T25:00:00Z",
        "2026-05-14T24:00:00Z",
        "2026-05-14T10:61:00Z",
        "2026-05-14x10:11:10",
        "2026-05-14T10:11:10 Europe/Kyiv",
        "2026-05-14T10:11:10+25:00",
        "２０２６-05-14",
        "0000-00-00 00:00:00",
        "0001-01-01T00:00:00",
        "1969-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        "9999-12-31T23:59:59-12:00",
        "2026-05-14T10:11:10\0",
        "2026-05-14T10:11:10\ud800",
        "1747206670",
        1747206670,
        1747206670123,
        True,
        [],
        {},
        {"date": "2026-05-14"},
    ],
)
def test_what_is_no_date_is_refused(field: str, value: object) -> None:
    error = only_error(raw_order(**{field: value}))
    assert error[:2] == (field, "invalid_date")


def test_a_date_without_offset_is_the_wall_clock_of_the_account() -> None:
    rules = OrderRules.of(Settings(account_zone="America/New_York"))
    assert given(raw_order(date="2026-07-01T12:00:00"), rules)["date"] == utc(2026, 7, 1, 16)


def test_a_wall_clock_that_exists_twice_means_the_first() -> None:
    assert in_utc(datetime(2026, 10, 25, 3, 30), ZoneInfo("Europe/Kyiv")) == utc(2026, 10, 25, 0, 30)  # noqa: DTZ001


def test_a_wall_clock_that_is_left_out_keeps_the_offset_from_before() -> None:
    assert in_utc(datetime(2026, 3, 29, 3, 30), ZoneInfo("Europe/Kyiv")) == utc(2026, 3, 29, 1, 30)  # noqa: DTZ001
