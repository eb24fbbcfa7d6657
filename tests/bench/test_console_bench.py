"""The bench of the console measures every page of it."""

import asyncio
import sys
from pathlib import Path

import orjson

from bench.console import KEPT, PAGES


async def test_every_page_is_asked_for_and_answers(tmp_path: Path) -> None:
    """In a process of its own: NiceGUI keeps one console a process."""
    out = tmp_path / "console.json"
    command = ("-m", "bench.console", "--orders", "100", "--rounds", "1", "--out", str(out))
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await asyncio.wait_for(process.communicate(), 240)
    assert process.returncode == 0, said.decode()
    figures = orjson.loads(out.read_bytes())["figures"]
    halves = [one["name"] for one in figures if one["target"]]
    kept = [f"page: {name}, with its figures, p50" for name in KEPT]
    assert halves == [f"page: {name}, p50" for name in PAGES] + kept
