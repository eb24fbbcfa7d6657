"""Scores, groups, filters and flows of the RFM against plain Python."""

from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from sqlalchemy import text

from core.segments.definition import read_condition
from core.segments.rfm import group_of
from core.settings import Settings
from store import rfm
from store.segment_sql import members_statement
from store.segments import add_members
from store.session import open_database
from tests.segments.histories import ACCOUNT, NOW, PEOPLE, ZONE, History, delivered, fill, hypothetically

_FIXED = replace(
    ACCOUNT,
    score_recency=("12m", "6m", "3m", "1m"),
    score_frequency=(2, 3, 4, 6),
    score_monetary=tuple(map(Decimal, (100, 500, 1000, 2000))),
)


def _revenue(history: History, who: int) -> Decimal:
    return sum((one["total"] for one in delivered(history, who, "EUR")), Decimal())


def _fixed_scores(history: History, who: int) -> tuple[int, int, int]:
    orders, local = delivered(history, who), NOW.astimezone(ZONE)
    edges = [local.replace(year=2025), local.replace(month=5), local.replace(month=8), local.replace(month=10)]
    last = max(one["date"] for one in orders)
    return (
        1 + sum(last >= edge for edge in edges),
        1 + bisect_right(_FIXED.score_frequency, len(orders)),
        1 + bisect_right(_FIXED.score_monetary, _revenue(history, who)),
    )


def _quantile_scores(history: History, who: int) -> tuple[int, ...]:
    bought = [one for one in range(PEOPLE) if delivered(history, one)]
    figures: tuple[Any, ...] = (  # Any: moments, numbers, sums
        lambda one: max(order["date"] for order in delivered(history, one)),
        lambda one: len(delivered(history, one)),
        lambda one: _revenue(history, one),
    )
    return tuple(
        min(5, 1 + 5 * sum(figure(one) < figure(who) for one in bought) // max(1, len(bought) - 1))
        for figure in figures
    )


async def test_scores_by_quantiles_and_by_fixed_edges_are_those_of_plain_python(settings: Settings) -> None:
    database = open_database(settings.database_url, pool_size=2)

    async def check(history: History) -> None:
        people = await fill(database, history)
        bought = [who for who in range(PEOPLE) if delivered(history, who)]
        async with database.transaction() as session:
            for account, score in ((ACCOUNT, _quantile_scores), (_FIXED, _fixed_scores)):
                told: Counter[tuple[int, ...]] = Counter()
                money: dict[tuple[int, ...], Decimal] = defaultdict(Decimal)
                for row in await rfm.scores(session, account, rfm.RfmFilter()):
                    assert row["group"] == group_of(row["r"], row["f"])
                    told[row["r"], row["f"], row["m"]] += row["contacts"]
                    money[row["r"], row["f"], row["m"]] += row["revenue"]
                assert told == Counter(score(history, who) for who in bought)
                assert all(
                    money[scores] == sum(_revenue(history, who) for who in bought if score(history, who) == scores)
                    for scores in told
                )
            # a segment by groups needs nothing that was kept before when the edges are fixed
            lost = members_statement(read_condition({"rfm": {"group": ["lost", "champions"]}}), _FIXED)
            assert set(await session.scalars(lost)) == {
                people[who] for who in bought if group_of(*_fixed_scores(history, who)[:2]) in {"lost", "champions"}
            }

    await hypothetically(check)
    await database.close()


def _cents(amount: Decimal) -> Decimal:
    """As PostgreSQL rounds money; Python's `round` takes the even neighbour of a half."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


async def test_the_grid_and_its_cells_by_shop_source_and_segment(settings: Settings) -> None:
    database = open_database(settings.database_url, pool_size=2)

    async def check(history: History) -> None:
        people = await fill(database, history)
        async with database.transaction() as session:
            await add_members(session, "some", people[1:3], source="test")
            await session.execute(text("UPDATE contact SET deleted_at = now() WHERE id = :id"), {"id": people[3]})
            for wanted, who in (
                (rfm.RfmFilter(store_id="kyiv"), (0, 1, 2)),
                (rfm.RfmFilter(source="offline", segment="some"), (1, 2)),
            ):
                asked = {"store": wanted.store_id, "source": wanted.source}
                kept = [one for one in history if all(value in (None, one[name]) for name, value in asked.items())]
                grid = await rfm.grid(session, ACCOUNT, wanted)
                found: set[UUID] = set()
                for row in grid:
                    cell = (row["recency"], row["frequency"])
                    members = await rfm.cell_contacts(session, ACCOUNT, wanted, cell, before=None, limit=10)
                    assert len(members) == row["contacts"]
                    numbers = [people.index(one["id"]) for one in members]
                    assert [one["orders"] for one in members] == [len(delivered(kept, one)) for one in numbers]
                    assert sum(_revenue(kept, one) for one in numbers) == row["revenue"]
                    paid = sum(len(delivered(kept, one, "EUR")) for one in numbers)
                    assert row["orders"] == paid
                    assert row["average_check"] == (_cents(row["revenue"] / paid) if paid else None)
                    found |= {one["id"] for one in members}
                assert found == {people[one] for one in who}

    await hypothetically(check)
    await database.close()


_MOVES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 2), st.integers(0, 9)), max_size=12)


async def test_a_flow_goes_from_the_first_cell_to_the_last_of_the_time_between(settings: Settings) -> None:
    database = open_database(settings.database_url, pool_size=2)
    insert = text("""
        INSERT INTO rfm_move (contact_id, from_recency, from_frequency, to_recency, to_frequency, at)
        VALUES (:who, :from_, 1, :to, 1, :at)
    """)
    since, until = NOW + timedelta(days=2), NOW + timedelta(days=7)

    async def check(moves: list[tuple[int, int, int, int]]) -> None:
        people = await fill(database, [])
        expected: Counter[tuple[int, int]] = Counter()
        for who in range(PEOPLE):
            asked = sorted((at, n) for n, (one, _, _, at) in enumerate(moves) if one == who and 2 <= at < 7)
            if asked and moves[asked[0][1]][1] != moves[asked[-1][1]][2]:
                expected[moves[asked[0][1]][1], moves[asked[-1][1]][2]] += 1
        async with database.transaction() as session:
            for who, start, end, at in moves:
                given = {"who": people[who], "from_": start, "to": end, "at": NOW + timedelta(days=at)}
                await session.execute(insert, given)
            rows = await rfm.flows(session, since, until)
        assert Counter({(row["from_recency"], row["to_recency"]): row["contacts"] for row in rows}) == expected

    await hypothetically(check, _MOVES)
    await database.close()
