"""The bench of sleeping runs measures what it says."""

from bench.sleeping import Size, measure

FIGURES = [
    "worker's memory, 3 runs asleep",
    "its growth by 3 runs asleep",
    "Temporal's database, each sleeping run",
    "lateness p50, 2 due within 1 s",
    "lateness p99, 2 due within 1 s",
    "PostgreSQL, each sleeping run with its order, contact and decision",
]


async def test_sleeping_runs_are_weighed_and_woken_beside_bare_timers() -> None:
    said: list[str] = []
    figures = await measure(Size(runs=3, due=2, seconds=1), said.append)
    assert [one.name for one in figures] == FIGURES
    late = [one for one in figures if one.name.startswith("lateness")]
    assert all(one.product > 0 and one.bare and one.ratio for one in late)
    assert "Ordercue: 3 runs fall asleep" in said
