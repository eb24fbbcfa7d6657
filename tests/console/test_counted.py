"""Figures that are kept: counted once for all who ask, old ones until there are new ones."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from console.counted import Counts


async def test_who_asks_while_somebody_counts_gets_what_comes_of_it() -> None:
    counts, made = Counts(), iter(range(10))
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def count() -> int:
        begun.set()
        await may_end.wait()
        return next(made)

    asking = [asyncio.create_task(counts.anew("orders", count)) for _ in range(3)]
    await begun.wait()
    other = await counts.anew("contacts", _count(70))
    assert (other.figure, counts.kept("orders")) == (70, None)
    may_end.set()
    first, *others = await asyncio.gather(*asking)
    assert first.figure == 0
    assert others == [first, first]
    later = await counts.anew("orders", count)
    assert later.figure == 1
    assert later.at > first.at
    assert counts.kept("orders") == later


async def test_a_count_that_fails_leaves_the_figure_that_was_kept() -> None:
    counts = Counts()
    kept = await counts.anew("orders", _count(5))

    async def fails() -> int:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await counts.anew("orders", fails)
    assert counts.kept("orders") == kept
    assert (await counts.anew("orders", _count(6))).figure == 6


async def test_figures_that_were_counted_longest_ago_make_place_for_new_ones() -> None:
    counts = Counts()
    for day in range(250):
        await counts.anew(day, _count(day))
        await counts.anew("again and again", _count(day))
    assert counts.kept(0) is None
    assert [found.figure for key in (249, "again and again") if (found := counts.kept(key))] == [249, 249]


def _count(figure: int) -> Callable[[], Awaitable[int]]:
    async def count() -> int:
        return figure

    return count
