"""`python -m bench`: measure, print the table, keep it in bench/results/spine.json. A missed target is no error."""

import argparse
import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from bench.figures import Figure, history_figures, latency_figures, table, throughput_figures, write
from bench.history import count_events
from bench.installation import installed
from bench.latency import measure_latency
from bench.throughput import measure_throughput
from tests.builders import THANKS

_LATENCY_SECONDS = 20.0
_SECONDS = 65.0
"""From the start to the end of the last round; a busy machine gets fewer posts and rounds, not more time."""


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    runs: int = 200
    """Runs under way at once, in each round."""
    rounds: int = 7
    """Fewer when the time is over."""
    posts: int = 50
    """Orders posted one after the other."""


async def measure(size: Size, tell: Callable[[str], None]) -> list[Figure]:
    """All figures. `tell` takes what is being done."""
    begun = time.monotonic()
    async with installed(lambda part: tell(f"Starting {part}")) as place:
        await place.publish(THANKS)
        latency = await measure_latency(place, posts=size.posts, seconds=_LATENCY_SECONDS, tell=tell)
        left = _SECONDS - (time.monotonic() - begun)
        throughput = await measure_throughput(place, runs=size.runs, rounds=size.rounds, seconds=left, tell=tell)
        tell("Counting events of histories")
        counts = await count_events(place)
        tell("Stopping")
    return [*throughput_figures(throughput), *latency_figures(latency), *history_figures(counts)]


def main() -> None:
    """Read the options, measure, tell."""
    usual = Size()
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    for name, default in asdict(usual).items():
        parser.add_argument(f"--{name}", type=int, default=default, help=f"default {default}")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "spine.json")
    given = parser.parse_args()
    size = Size(runs=given.runs, rounds=given.rounds, posts=given.posts)
    console = Console()
    with console.status("Starting") as status:
        figures = asyncio.run(measure(size, status.update))
    console.print(table(figures))
    write(given.out, figures, size=asdict(size))
    missed = [one.name for one in figures if one.met is False]
    console.print(f"[bold red]Missed: {'; '.join(missed)}[/]" if missed else "Every target is met.")


if __name__ == "__main__":
    main()
