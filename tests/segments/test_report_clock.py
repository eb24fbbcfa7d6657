"""Days of reports where clocks are changed in every way that they are: against Python's own zones."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from core.settings import Settings
from store import reports
from store.report_clock import local_time, moments_of
from store.reports import ReportFilter
from store.session import Database, open_database
from tests.segments.histories import an_order, fill

_DAY = timedelta(days=1)
CHANGES = {
    "an hour forward at night": ("America/New_York", date(2026, 3, 8)),
    "an hour back at night": ("America/New_York", date(2026, 11, 1)),
    "half an hour back": ("Australia/Lord_Howe", date(2026, 4, 5)),
    "half an hour forward": ("Australia/Lord_Howe", date(2026, 10, 4)),
    "no change, and a quarter of an hour": ("Asia/Kathmandu", date(2026, 3, 29)),
    "no change": ("Asia/Tokyo", date(2026, 3, 29)),
    "no midnight, west of Greenwich": ("America/Sao_Paulo", date(2018, 11, 4)),
    "back over midnight": ("America/Sao_Paulo", date(2018, 2, 18)),
    "no midnight, east of Greenwich": ("Africa/Cairo", date(2026, 4, 24)),
    "midnight twice": ("Atlantic/Azores", date(2026, 10, 25)),
    "midnight twice, in America": ("America/Havana", date(2026, 11, 1)),
    "winter time in Ramadan": ("Africa/Casablanca", date(2026, 3, 22)),
    "a whole day left out": ("Pacific/Apia", date(2011, 12, 30)),
}
ways = pytest.mark.parametrize(("zone", "day"), CHANGES.values(), ids=CHANGES)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    database = open_database(settings.database_url, pool_size=2)
    yield database
    await database.close()


def _quarters(day: date) -> list[datetime]:
    """Every quarter of an hour, and the last second before it, of the days around."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    quarters = [noon + n * timedelta(minutes=15) for n in range(-2 * 96, 2 * 96)]
    return sorted(quarters + [moment - timedelta(seconds=1) for moment in quarters])


@ways
async def test_every_moment_reads_as_on_the_clock_of_the_zone(database: Database, zone: str, day: date) -> None:
    for since, until in ((day - 2 * _DAY, day + 2 * _DAY), (day, day), (day - 900 * _DAY, day + 900 * _DAY)):
        clock = local_time(zone, since, until)
        assert clock is not None
        asked = text(
            f"SELECT {clock} FROM unnest(CAST(:moments AS timestamptz[])) WITH ORDINALITY AS o(date, n) ORDER BY n"
        )
        moments = [moment for moment in _quarters(day) if moment < moments_of(zone, since, until)["ends"]]
        async with database.transaction() as session:
            told = list(await session.scalars(asked, {"moments": moments}))
        assert told == [moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for moment in moments]


@ways
async def test_every_order_is_in_the_reports_of_its_own_day_alone(database: Database, zone: str, day: date) -> None:
    moments = _quarters(day)
    days = Counter(moment.astimezone(ZoneInfo(zone)).date() for moment in moments)
    await fill(database, [an_order(date=moment) for moment in moments])
    async with database.transaction() as session:
        for kept in ("UTC", zone):
            if kept == zone:
                await reports.keep_figures(session, zone)
            for one in (day + n * _DAY for n in (-1, 0, 1)):
                wanted = ReportFilter(one, one, zone)
                revenue = {row["period"]: row["orders"] for row in await reports.revenue(session, wanted)}
                assert revenue == {each: orders for each, orders in days.items() if each == one}, kept
                assert [row["period"] for row in await reports.customers(session, wanted)] == list(revenue)
                assert sum(row["now"] for row in await reports.funnel(session, wanted)) == days[one]


def test_for_longer_than_a_shop_lives_the_rules_are_left_to_postgresql() -> None:
    assert local_time("Europe/Kyiv", date(2000, 1, 1), date(2026, 1, 1)) is None
    assert local_time("Europe/Kyiv", date.min, date(1, 3, 1)) is None
