from pathlib import Path

import orjson

from bench.figures import write
from bench.mails import Size, measure


async def test_the_bench_of_mails_measures_both_figures(tmp_path: Path) -> None:
    said: list[str] = []
    figures = await measure(Size(runs=3, rounds=1, renders=14), seconds=60, tell=said.append)
    assert [(one.unit, one.product > 0) for one in figures] == [("mails/s", True), ("renders/s and core", True)]
    assert figures[0].bare
    write(tmp_path / "mails.json", figures, size={})
    assert len(orjson.loads((tmp_path / "mails.json").read_bytes())["figures"]) == 2
