from dataclasses import asdict
from io import StringIO
from pathlib import Path

import orjson
from rich.console import Console

from bench.__main__ import Size, measure
from bench.figures import table, write

FIGURES = [
    "one-message runs, end to end",
    "CPU per run, worker",
    "CPU per run, postgres",
    "CPU per run, temporal",
    "POST of one order to accepted mail, p50",
    "POST of one order to accepted mail, p99",
    "history of a run, one message",
    "history of a run, delivered and review",
]


async def test_the_bench_measures_every_figure_and_keeps_it(tmp_path: Path) -> None:
    size = Size(runs=3, rounds=1, posts=2)
    said: list[str] = []
    figures = await measure(size, said.append)
    assert [one.name for one in figures] == FIGURES
    assert all(one.product > 0 for one in figures if not one.name.startswith("CPU"))  # counted in ticks of 10 ms
    assert "one order on an idle stack, 2 of 2" in said

    write(tmp_path / "figures.json", figures, size=asdict(size))
    kept = orjson.loads((tmp_path / "figures.json").read_bytes())
    assert set(kept) == {"size", "machine", "versions", "figures"}
    assert set(kept["figures"][0]) == {"name", "unit", "product", "bare", "ratio", "target", "met", "samples"}

    shown = StringIO()
    Console(file=shown, width=200).print(table(figures))
    assert [name for name in FIGURES if name not in shown.getvalue()] == []
