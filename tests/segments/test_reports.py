"""Every report against a second, naive computation in plain Python over any history of orders."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Any

import pytest
from sqlalchemy import text

from core.settings import Settings
from store import reports
from store.reports import ReportFilter, Unit
from store.session import open_database
from tests.segments.histories import STATUSES, ZONE, History, Made, fill, hypothetically

_ALL = ReportFilter(date(2025, 1, 1), date(2027, 1, 1), "Europe/Kyiv", "month")
_SOME = ReportFilter(date(2026, 3, 29), date(2026, 10, 31), "Europe/Kyiv", "week", "kyiv", "online", "EUR")
_FEW = ReportFilter(date(2026, 9, 30), date(2026, 11, 4), "Europe/Kyiv", "month", currency="EUR")
_FILTERS = (
    *(_ALL, _SOME, replace(_ALL, unit="day", store_id="lviv"), replace(_SOME, source="offline", store_id=None)),
    *(_FEW, replace(_FEW, unit="week", source="online"), replace(_FEW, unit="day", currency=None)),
)


def _day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def _period(day: date, unit: Unit) -> date:
    return {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}[unit]


def _chosen(history: History, wanted: ReportFilter) -> Iterator[Made]:
    """Of any day up to the last one."""
    for one in history:
        asked = ((wanted.store_id, one["store"]), (wanted.source, one["source"]), (wanted.currency, one["currency"]))
        if _day(one["date"]) <= wanted.until and all(value in (None, said) for value, said in asked):
            yield one


def _revenue(history: History, wanted: ReportFilter) -> dict[tuple[date, str], list[Any]]:
    found: dict[tuple[date, str], list[Any]] = defaultdict(lambda: [0, Decimal(), 0, Decimal(), 0, Decimal()])
    place = {"DELIVERED": 0, "INITIALIZED": 2, "IN_PROGRESS": 2, "CANCELLED": 4}
    for one in _chosen(history, wanted):
        if _day(one["date"]) >= wanted.since:
            row = found[_period(_day(one["date"]), wanted.unit), one["currency"]]
            if one["status"] in place:
                row[place[one["status"]]] += 1
                row[place[one["status"]] + 1] += one["total"]
    return found


def _told(rows: reports.Rows) -> dict[tuple[date, str], list[Any]]:
    names = ("orders", "revenue", "expected_orders", "expected", "cancelled_orders", "cancelled")
    for row in rows:
        orders = row["orders"]
        assert row["average_check"] == (pytest.approx(row["revenue"] / orders, abs=Decimal("0.01")) if orders else None)
    return {(row["period"], row["currency"]): [row[name] for name in names] for row in rows}


async def test_revenue_kept_by_days_and_counted_is_that_of_the_orders(settings: Settings) -> None:
    database = open_database(settings.database_url, pool_size=2)

    async def check(history: History) -> None:
        await fill(database, history)
        left = [
            one | ({"status": "CANCELLED"} if one["status"] == "INITIALIZED" else {})
            for one in history
            if (one["currency"], one["status"]) != ("UAH", "DELIVERED")
        ]
        async with database.transaction() as session:
            await session.execute(text("UPDATE figure_zone SET zone = 'UTC'"))
            for wanted in _FILTERS:
                assert _told(await reports.revenue(session, wanted)) == _revenue(history, wanted), "counted"
            await reports.keep_figures(session, "Europe/Kyiv")
            await session.execute(text("UPDATE \"order\" SET status = 'CANCELLED' WHERE status = 'INITIALIZED'"))
            await session.execute(text("DELETE FROM order_event"))
            await session.execute(text("DELETE FROM \"order\" WHERE currency = 'UAH' AND status = 'DELIVERED'"))
            for kept in ("appended", "folded"):
                for wanted in _FILTERS:
                    assert _told(await reports.revenue(session, wanted)) == _revenue(left, wanted), kept
                await reports.keep_figures(session, "Europe/Kyiv")

    await hypothetically(check)
    await database.close()


async def test_customers_are_new_once_and_return_afterwards(settings: Settings) -> None:
    database = open_database(settings.database_url, pool_size=2)

    def expected(history: History, wanted: ReportFilter) -> dict[date, list[int]]:
        days: dict[int, list[date]] = defaultdict(list)
        for one in _chosen(history, wanted):
            if one["status"] == "DELIVERED" and one["who"] is not None:
                days[one["who"]].append(_day(one["date"]))
        found: dict[date, list[int]] = defaultdict(lambda: [0, 0])
        for bought in days.values():
            for period in {_period(day, wanted.unit) for day in bought if day >= wanted.since}:
                found[period][min(bought) < period] += 1
        return found

    async def check(history: History) -> None:
        await fill(database, history)
        async with database.transaction() as session:
            for wanted in _FILTERS:
                rows = await reports.customers(session, wanted)
                told = {row["period"]: [row["new"], row["returning"]] for row in rows}
                assert told == expected(history, wanted), wanted

    await hypothetically(check)
    await database.close()


async def test_the_funnel_and_the_times_between_statuses_follow_the_events(settings: Settings) -> None:
    database = open_database(settings.database_url, pool_size=2)

    async def check(history: History) -> None:
        await fill(database, history)
        for wanted in (_ALL, _SOME):
            orders = [one for one in _chosen(history, wanted) if _day(one["date"]) >= wanted.since]
            now, seconds = Counter(one["status"] for one in orders), defaultdict(list)
            steps: dict[tuple[str, str], list[float]] = defaultdict(list)
            for one in orders:
                first: dict[str, int] = {}
                for status, hours in one["reached"]:
                    first[status] = min(hours, first.get(status, hours))
                # of the same hour, which came first to us
                came = sorted(first, key=lambda status: (first[status], [s for s, _ in one["reached"]].index(status)))
                for status in came:
                    seconds[status].append(3600.0 * (first[status] - first[came[0]]))
                for before, after in pairwise(came):
                    steps[before, after].append(3600.0 * (first[after] - first[before]))
            async with database.transaction() as session:
                funnel = await reports.funnel(session, wanted)
                transitions = await reports.transitions(session, wanted)
            assert [row["status"] for row in funnel] == list(STATUSES)
            for row in funnel:
                known = seconds[row["status"]]
                assert (row["now"], row["ever"]) == (now[row["status"]], len(known))
                assert row["median_seconds"] == (median(known) if known else None)
            assert {(row["from_status"], row["to_status"]): row["orders"] for row in transitions} == {
                pair: len(times) for pair, times in steps.items()
            }
            assert all(
                row["median_seconds"] == median(steps[row["from_status"], row["to_status"]]) for row in transitions
            )

    await hypothetically(check)
    await database.close()


def test_the_range_before_is_as_long_or_as_many_months() -> None:
    def before(since: date, until: date) -> tuple[date, date]:
        found = ReportFilter(since, until, "UTC").before()
        return found.since, found.until

    assert before(date(2026, 3, 10), date(2026, 3, 16)) == (date(2026, 3, 3), date(2026, 3, 9))
    assert before(date(2026, 3, 1), date(2026, 3, 31)) == (date(2026, 2, 1), date(2026, 2, 28))
    assert before(date(2026, 1, 1), date(2026, 12, 31)) == (date(2025, 1, 1), date(2025, 12, 31))
    assert before(date(2026, 1, 1), date(2026, 1, 1)) == (date(2025, 12, 31), date(2025, 12, 31))
