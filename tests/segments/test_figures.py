"""Every figure against a second, naive computation in plain Python over any history of orders."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from core.segments.definition import read_condition
from core.segments.rfm import GROUPS, group_of
from core.settings import Settings
from store import rfm
from store.refresh import next_contacts, refresh, refresh_touched
from store.score_sql import keep_score_edges
from store.segment_sql import members_statement
from store.segments import put_segment
from store.session import open_database
from tests.segments.histories import ACCOUNT, NOW, PEOPLE, ZONE, an_order, delivered, fill, hypothetically


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
        people = await fill(database, history)
        async with database.transaction() as session:
            for name, (document, holds) in _ASKED.items():
                found = set(await session.scalars(members_statement(read_condition(document), ACCOUNT)))
                told = {
                    person
                    for who, person in enumerate(people)
                    if holds(delivered(history, who), delivered(history, who, "EUR"))
                }
                assert found == told, name
            grid = await rfm.grid(session, ACCOUNT, rfm.RfmFilter())
        expected: dict[tuple[int, int], list[Decimal]] = defaultdict(list)
        for who in range(PEOPLE):
            expected[_cell(delivered(history, who))].append(
                sum((one["total"] for one in delivered(history, who, "EUR")), Decimal())
            )
        assert {(row["recency"], row["frequency"]): (row["contacts"], row["revenue"]) for row in grid} == {
            cell: (len(sums), sum(sums)) for cell, sums in expected.items()
        }

    await hypothetically(check)
    await database.close()


def _groups(history: list[dict[str, Any]], people: list[UUID]) -> dict[str, set[UUID]]:
    """Who is in which group, by counting for each contact how many others are below."""
    bought = {person: orders for who, person in enumerate(people) if (orders := delivered(history, who))}

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
        people = await fill(database, history)
        told = _groups(history, people)
        async with database.transaction() as session:
            await keep_score_edges(session, ACCOUNT)
            for group in GROUPS:
                condition = read_condition({"rfm": {"group": [group.name]}})
                assert set(await session.scalars(members_statement(condition, ACCOUNT))) == told[group.name], group
                some = members_statement(condition, ACCOUNT, whom=people[:2])
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

    await hypothetically(check)
    await database.close()


async def test_a_pass_and_touched_contacts_come_to_the_same_and_tell_each_change_once(settings: Settings) -> None:
    database = open_database(settings.database_url, pool_size=4)
    people = await fill(database, [an_order(status="INITIALIZED")])
    async with database.transaction() as session:
        await put_segment(session, "buyers", {"orders": "count", "op": "gte", "value": 1})
        await refresh(session, people, ACCOUNT)
        await session.execute(text("UPDATE segment SET calculated_at = now()"))
        await session.execute(text("UPDATE \"order\" SET status = 'DELIVERED'"))

    async def one_pass() -> None:
        async with database.transaction() as session:
            await refresh_touched(session, ACCOUNT)
        async with database.transaction() as session:
            piece = await next_contacts(session, UUID(int=0), 10)
            assert piece
            await refresh(session, piece.span, ACCOUNT)

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
