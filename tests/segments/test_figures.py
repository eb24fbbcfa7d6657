"""Every figure against a second, naive computation in plain Python over any history of orders."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from core.segments.definition import read_condition
from core.segments.rfm import GROUPS, group_of
from core.settings import Settings
from store import reports, rfm
from store.refresh import next_contacts, refresh, refresh_touched
from store.segment_sql import Account, members_statement
from store.segments import put_segment
from store.session import Database, open_database

ZONE = ZoneInfo("Europe/Kyiv")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ACCOUNT = Account(NOW, ZONE, "EUR", ("15d", "1m", "2m", "3m", "6m", "12m"), (1, 2, 3, 5, 8, 11))
_MOMENTS = st.one_of(
    st.datetimes(datetime(2025, 9, 1), datetime(2026, 11, 25), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds
    st.sampled_from([NOW, NOW - timedelta(days=15), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]),
)
_ORDERS = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.integers(0, 3),
            "date": _MOMENTS,
            "status": st.sampled_from(["DELIVERED", "DELIVERED", "DELIVERED", "CANCELLED", "INITIALIZED"]),
            "currency": st.sampled_from(["EUR", "EUR", "UAH"]),
            "total": st.decimals(0, 1000, places=2),
        }
    ),
    max_size=25,
)
_SPEED = settings(max_examples=12, deadline=None, database=None, suppress_health_check=[*HealthCheck])
_INSERT = text("""
    INSERT INTO "order" (external_order_id, status, status_at, date, total_cost, currency, source, version,
                         content_hash, contact_id)
    VALUES (:id, :status, :date, :date, :total, :currency, 'online', 1, '', :contact)
""")


async def _fill(database: Database, history: list[dict[str, Any]]) -> list[UUID]:
    async with database.transaction() as session:
        await session.execute(text('TRUNCATE "order", contact, segment, daily_figure, touched_contact CASCADE'))
        people = [
            (await session.execute(text("INSERT INTO contact (source) VALUES ('test') RETURNING id"))).scalar_one()
            for _ in range(4)
        ]
        for one in history:
            row = {name: one[name] for name in ("status", "date", "total", "currency")}
            await session.execute(_INSERT, row | {"id": uuid4().hex, "contact": people[one["who"]]})
    return people


def _delivered(history: list[dict[str, Any]], who: int, currency: str | None = None) -> list[dict[str, Any]]:
    return [
        one
        for one in history
        if one["who"] == who
        and one["status"] == "DELIVERED"
        and one["date"] <= NOW
        and currency in (None, one["currency"])
    ]


def _cell(orders: list[dict[str, Any]]) -> tuple[int, int]:
    frequency = sum(len(orders) >= low for low in ACCOUNT.frequency)
    if not orders:
        return 0, 0
    last, local = max(one["date"] for one in orders), NOW.astimezone(ZONE)
    months = [local.replace(month=10), local.replace(month=9), local.replace(month=8), local.replace(month=5)]
    edges = [local - timedelta(days=15), *months, local.replace(year=2025)]
    return next((n for n, edge in enumerate(edges, 1) if last >= edge.astimezone(UTC)), 7), frequency


# ruff: noqa: ARG005 (all answers are asked in the same way)
_ASKED: dict[str, Any] = {
    "count": ({"orders": "count", "op": "gte", "value": 2}, lambda all_, eur: len(all_) >= 2),
    "none": ({"orders": "count", "op": "eq", "value": 0}, lambda all_, eur: not all_),
    "sum": ({"orders": "sum", "op": "lt", "value": 700}, lambda all_, eur: sum(o["total"] for o in eur) < 700),
    "average": (
        {"orders": "average", "op": "gt", "value": 300},
        lambda all_, eur: bool(eur) and sum(o["total"] for o in eur) / len(eur) > 300,
    ),
    "no average": (
        {"not": {"orders": "average", "op": "gt", "value": 300}},
        lambda all_, eur: not (eur and sum(o["total"] for o in eur) / len(eur) > 300),
    ),
    "recent": (
        {"orders": "days_since_last", "op": "lte", "value": 15},
        lambda all_, eur: any(o["date"] >= NOW - timedelta(days=15) for o in all_),
    ),
    "first": (
        {"orders": "first_date", "op": "lt", "value": "2026-10-25"},
        lambda all_, eur: any(o["date"].astimezone(ZONE).date() < date(2026, 10, 25) for o in all_),
    ),
    "on a day": (
        {"orders": "last_date", "op": "eq", "value": "2026-10-25"},
        lambda all_, eur: bool(all_) and max(o["date"] for o in all_).astimezone(ZONE).date() == date(2026, 10, 25),
    ),
}


async def test_segments_and_the_grid_count_as_plain_python_does(settings: Settings) -> None:
    database = open_database(settings.database_url, pool_size=2)

    async def check(history: list[dict[str, Any]]) -> None:
        people = await _fill(database, history)
        async with database.transaction() as session:
            for name, (document, holds) in _ASKED.items():
                found = set(await session.scalars(members_statement(read_condition(document), ACCOUNT)))
                told = {
                    person
                    for who, person in enumerate(people)
                    if holds(_delivered(history, who), _delivered(history, who, "EUR"))
                }
                assert found == told, name
            grid = await rfm.grid(session, ACCOUNT, rfm.RfmFilter())
        expected: dict[tuple[int, int], list[Decimal]] = defaultdict(list)
        for who in range(4):
            expected[_cell(_delivered(history, who))].append(
                sum((one["total"] for one in _delivered(history, who, "EUR")), Decimal())
            )
        assert {(row["recency"], row["frequency"]): (row["contacts"], row["revenue"]) for row in grid} == {
            cell: (len(sums), sum(sums)) for cell, sums in expected.items()
        }

    await _hypothetically(check)
    await database.close()


def _groups(history: list[dict[str, Any]], people: list[UUID]) -> dict[str, set[UUID]]:
    """Who is in which group, by counting for each contact how many others are below."""
    bought = {person: orders for who, person in enumerate(people) if (orders := _delivered(history, who))}

    def score(figure: Callable[[list[dict[str, Any]]], Any], person: UUID) -> int:
        below = sum(figure(orders) < figure(bought[person]) for orders in bought.values())
        return min(5, 1 + int(5 * below / max(1, len(bought) - 1)))

    found: dict[str, set[UUID]] = defaultdict(set)
    for person in bought:
        recency = score(lambda orders: max(one["date"] for one in orders), person)
        found[group_of(recency, score(len, person))].add(person)
    return found


async def test_groups_of_a_segment_are_those_of_the_scores_and_of_plain_python(settings: Settings) -> None:
    database = open_database(settings.database_url, pool_size=2)

    async def check(history: list[dict[str, Any]]) -> None:
        people = await _fill(database, history)
        told = _groups(history, people)
        async with database.transaction() as session:
            for group in GROUPS:
                condition = read_condition({"rfm": {"group": [group.name]}})
                assert set(await session.scalars(members_statement(condition, ACCOUNT))) == told[group.name], group
                some = members_statement(condition, ACCOUNT, contacts=people[:2])
                assert set(await session.scalars(some)) == told[group.name] & set(people[:2]), group
            others = read_condition(
                {"not": {"rfm": {"group": ["champions", "lost"], "recency": [1, 2, 3, 4, 5, 6, 7]}}}
            )
            found = set(await session.scalars(members_statement(others, ACCOUNT)))
            scores = await rfm.scores(session, ACCOUNT, rfm.RfmFilter())
        assert found == set(people) - told["champions"] - told["lost"]
        counts: dict[str, int] = defaultdict(int)
        for row in scores:
            counts[row["group"]] += row["contacts"]
        assert counts == {name: len(members) for name, members in told.items() if members}

    await _hypothetically(check)
    await database.close()


async def test_kept_daily_figures_are_those_of_the_orders(settings: Settings) -> None:
    database = open_database(settings.database_url, pool_size=2)

    async def check(history: list[dict[str, Any]]) -> None:
        await _fill(database, history)
        wanted = reports.ReportFilter(date(2025, 1, 1), date(2027, 1, 1), "Europe/Kyiv", "month")
        async with database.transaction() as session:
            await reports.keep_figures(session, "Europe/Kyiv")
            await session.execute(text("UPDATE \"order\" SET status = 'CANCELLED' WHERE status = 'INITIALIZED'"))
            await session.execute(text("DELETE FROM \"order\" WHERE currency = 'UAH' AND status = 'DELIVERED'"))
            appended = await reports.revenue(session, wanted)
            await reports.keep_figures(session, "Europe/Kyiv")
            folded = await reports.revenue(session, wanted)
        expected: dict[tuple[date, str], list[Decimal]] = defaultdict(lambda: [Decimal(), Decimal()])
        for one in history:
            if one["currency"] == "UAH" and one["status"] == "DELIVERED":
                continue
            period = one["date"].astimezone(ZONE).date().replace(day=1)
            expected[period, one["currency"]][one["status"] != "DELIVERED"] += one["total"]
        assert appended == folded
        assert {(row["period"], row["currency"]): [row["revenue"], row["cancelled"]] for row in folded} == expected

    await _hypothetically(check)
    await database.close()


async def test_a_pass_and_touched_contacts_come_to_the_same_and_tell_each_change_once(settings: Settings) -> None:
    database = open_database(settings.database_url, pool_size=4)
    now = {"who": 0, "date": NOW - timedelta(days=1), "status": "DELIVERED", "currency": "EUR", "total": Decimal(10)}
    people = await _fill(database, [])
    async with database.transaction() as session:
        await put_segment(session, "buyers", {"orders": "count", "op": "gte", "value": 1})
        await refresh(session, people, ACCOUNT)
        await session.execute(text("UPDATE segment SET calculated_at = now()"))
        await session.execute(
            _INSERT, {k: now[k] for k in ("status", "date", "total", "currency")} | {"id": "1", "contact": people[0]}
        )

    async def one_pass() -> None:
        async with database.transaction() as session:
            await refresh_touched(session, ACCOUNT)
        async with database.transaction() as session:
            await refresh(session, await next_contacts(session, UUID(int=0), 10), ACCOUNT)

    await asyncio.gather(one_pass(), one_pass())
    async with database.transaction() as session:
        told = (await session.execute(text("SELECT event_type, contact_id FROM order_event ORDER BY 1"))).all()
        cell = (
            await session.execute(
                text("SELECT recency, frequency FROM contact_rfm WHERE contact_id = :id"), {"id": people[0]}
            )
        ).one()
        moves = (await session.execute(text("SELECT contact_id FROM rfm_move"))).scalars().all()
    assert [tuple(row) for row in told] == [("segmentEntered", people[0])]
    assert tuple(cell) == (1, 1)
    assert moves == [people[0]]
    await database.close()


async def _hypothetically(check: Any) -> None:
    """Hypothesis calls plain functions; each example goes back to the loop of the connections."""
    loop = asyncio.get_running_loop()

    @_SPEED
    @given(history=_ORDERS)
    def examples(history: list[dict[str, Any]]) -> None:
        asyncio.run_coroutine_threadsafe(check(history), loop).result()

    await asyncio.to_thread(examples)
