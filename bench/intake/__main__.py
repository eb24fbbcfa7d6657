"""`python -m bench.intake`: orders over HTTP into PostgreSQL, each figure beside its bare baseline."""

import argparse
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import uvloop
from rich.console import Console

from bench.figures import Figure, table, write
from bench.intake.growth import measure_growth
from bench.intake.memory import measure_memory
from bench.intake.place import servers
from bench.intake.requests import measure_many, measure_single

PARTS = ("many", "single", "growth", "memory")


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    rounds: int = 5
    orders: int = 1000
    """Of one request of many."""
    requests: int = 20
    """Of many orders, in each round."""
    clients: int = 64
    single_requests: int = 6000
    """Of one order, in each round."""
    memory_requests: int = 1000
    few_stored: int = 10_000
    many_stored: int = 1_000_000


async def measure(
    parts: tuple[str, ...], size: Size, tell: Callable[[str], None], folder: Path | None = None
) -> list[Figure]:
    """The figures of these parts. `tell` takes what is being done."""
    found: list[Figure] = []
    async with servers(folder=folder) as place:
        if "many" in parts:
            found += await measure_many(
                place, orders=size.orders, requests=size.requests, rounds=size.rounds, tell=tell
            )
        if "single" in parts:
            found += await measure_single(
                place, clients=size.clients, requests=size.single_requests, rounds=size.rounds, tell=tell
            )
        if "growth" in parts:
            found += await measure_growth(
                place,
                few=size.few_stored,
                stored=size.many_stored,
                orders=size.orders,
                rounds=size.rounds,
                tell=tell,
            )
        if "memory" in parts:
            found += await measure_memory(place, orders=size.orders, requests=size.memory_requests, tell=tell)
    return found


def main() -> None:
    """Read the options, measure, tell."""
    usual = Size()
    parser = argparse.ArgumentParser(prog="python -m bench.intake", description=__doc__)
    parser.add_argument("--part", action="append", choices=PARTS, help="may be given several times; default all")
    for name, default in asdict(usual).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default, help=f"default {default}")
    parser.add_argument("--out", type=Path, help="default bench/results/intake.json, or intake-PART.json")
    parser.add_argument("--folder", type=Path, help="keep the servers' data here, and what is stored for next time")
    given = parser.parse_args()
    parts = tuple(given.part or PARTS)
    size = Size(**{name: getattr(given, name) for name in asdict(usual)})
    console = Console()
    with console.status("Starting") as status:
        figures = uvloop.run(measure(parts, size, status.update, given.folder))
    console.print(table(figures, title="Intake beside a bare baseline, same servers, same run"))
    name = "intake" if parts == PARTS else f"intake-{'-'.join(parts)}"
    write(given.out or Path(__file__).parents[1] / "results" / f"{name}.json", figures, size=asdict(size))


if __name__ == "__main__":
    main()
