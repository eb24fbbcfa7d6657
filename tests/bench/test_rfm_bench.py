from pathlib import Path

import orjson

from bench.figures import write
from bench.rfm import measure

FIGURES = [
    "RFM grid",
    "RFM scores",
    "first full pass, every cell written",
    "nightly full pass, cells compared",
    "nightly full pass, cells, beside the same by hand",
    "nightly full pass, cells and a segment",
    "dynamic segment of five conditions",
    "revenue by day, counted",
    "customers by day",
    "revenue by day, from daily figures",
    "a touched contact's update among 200 orders, and a tenth",
]


async def test_the_bench_of_figures_measures_every_one_and_keeps_it(tmp_path: Path) -> None:
    said: list[str] = []
    figures = await measure(200, 40, 1, said.append)
    assert [one.name for one in figures] == FIGURES
    assert all(one.product > 0 and one.bare and one.ratio for one in figures)
    assert said[:3] == ["filling 20 orders", "filling 200 orders", "touching contacts"]
    write(tmp_path / "figures.json", figures, size={"orders": 200})
    kept = orjson.loads((tmp_path / "figures.json").read_bytes())
    assert [one["name"] for one in kept["figures"]] == FIGURES
