"""`python -m bench.sleeping`: what thousands of sleeping runs cost, and how late they wake when many are due at once.

A run sleeps until a moment that its order names. First all of them fall asleep for 30 days: memory of the worker, size
of the databases. Then some more fall due within seconds of one another: from the due moment to the workflow task in
which the run goes on. The bare baseline is a workflow that is a timer and nothing else, on the same servers, by turns.
"""

import argparse
import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psutil
from rich.console import Console
from sqlalchemy import text
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from bench.bare import BARE_QUEUE, Nap
from bench.bare_sleep import BareSleep
from bench.figures import Figure, table, write
from bench.installation import Installation, installed
from bench.latency import percentile
from core.contracts import automation_run_id
from tests.builders import an_order

SLEEPER = """
name: Sleeper
start: { event: orderDELIVERED }
steps:
  - wait: { id: sleep, until: order.additionalInfo.due }
"""
_BATCH = 250
_AT_ONCE = 16
_POLL_SECONDS = 0.5
_LONG = timedelta(days=30)
_PATIENCE_SECONDS = 1800.0
_RUNS = text("""
    SELECT e.event_key, r.id, r.state IN ('pending', 'running') AS begins
    FROM run r JOIN order_event e ON e.id = r.event_id WHERE e.event_key = ANY(:keys)
""")


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    runs: int = 5000
    """Asleep for 30 days."""
    due: int = 1000
    """More of them, which fall due together."""
    seconds: int = 10
    """Within so long."""


@dataclass(frozen=True)
class Side:
    """What one side did: the product, or the bare timers."""

    memory: float
    """MB of its worker with all asleep."""
    grown: float
    """MB that its worker had less before."""
    temporal: float
    """KB of Temporal's database for each run."""
    postgres: float
    """KB of PostgreSQL for each run."""
    late: list[float]
    """Milliseconds, of each run that slept until its due moment."""


Starter = Callable[[Installation, list[datetime]], Awaitable[list[str]]]
"""Puts one run to sleep until each moment; gives their workflow ids once they are asleep."""


async def measure(size: Size, tell: Callable[[str], None]) -> list[Figure]:
    """All figures. `tell` takes what is being done."""
    async with installed(lambda part: tell(f"Starting {part}")) as place:
        await place.publish(SLEEPER)
        bare = await _side(place, size, _bare, "bare", lambda said: tell(f"Bare timers: {said}"))
        product = await _side(place, size, _product, "worker", lambda said: tell(f"Ordercue: {said}"))
        tell("Stopping")
    return _figures(product, bare, size)


async def _side(place: Installation, size: Size, start: Starter, worker: str, tell: Callable[[str], None]) -> Side:
    tell("warming up")
    await start(place, [datetime.now(UTC) + _LONG])
    before, temporal, postgres = _memory(place, worker), _temporal_bytes(place), await _postgres_bytes(place)
    tell(f"{size.runs} runs fall asleep")
    begun = time.monotonic()
    await start(place, [datetime.now(UTC) + _LONG] * size.runs)
    each = (time.monotonic() - begun) / size.runs
    memory = _memory(place, worker)
    temporal, postgres = _temporal_bytes(place) - temporal, await _postgres_bytes(place) - postgres
    # twice the time that falling asleep takes, so that the timers are there when the first one is due
    first = datetime.now(UTC) + timedelta(seconds=10 + 2 * each * size.due)
    dues = [first + timedelta(seconds=size.seconds * number / size.due) for number in range(size.due)]
    tell(f"{size.due} runs fall due within {size.seconds} s, from {first:%H:%M:%S} UTC on")
    ids = await start(place, dues)
    await asyncio.sleep(max((dues[-1] - datetime.now(UTC)).total_seconds(), 0))
    tell("reading when they woke")
    late = await _all_late(place.client, dict(zip(ids, dues, strict=True)))
    return Side(memory, memory - before, temporal / size.runs / 1024, postgres / size.runs / 1024, late)


async def _bare(place: Installation, moments: list[datetime]) -> list[str]:
    prefix = f"nap-{uuid4().hex}"
    ids = [f"{prefix}/{number}" for number in range(len(moments))]
    for first in range(0, len(ids), _AT_ONCE):
        some = list(zip(ids, moments, strict=True))[first : first + _AT_ONCE]
        await asyncio.gather(
            *(
                place.client.start_workflow(BareSleep.run, Nap(until=due), id=id_, task_queue=BARE_QUEUE)
                for id_, due in some
            )
        )
    for id_ in ids[-_AT_ONCE:]:
        await _has_slept(place.client, id_)
    return ids


async def _product(place: Installation, moments: list[datetime]) -> list[str]:
    orders = [an_order(additionalInfo={"due": due.isoformat()}) for due in moments]
    for first in range(0, len(orders), _BATCH):
        await place.post(orders[first : first + _BATCH])
    keys = [order["externalOrderId"] for order in orders]
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            async with place.database.transaction() as session:
                runs = {row.event_key: row for row in await session.execute(_RUNS, {"keys": keys})}
            if len(runs) == len(keys) and not any(row.begins for row in runs.values()):
                return [automation_run_id(runs[key].id) for key in keys]
            await asyncio.sleep(_POLL_SECONDS)


async def _has_slept(client: Client, workflow_id: str) -> None:
    """Until the timer stands in the history."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            history = await client.get_workflow_handle(workflow_id).fetch_history()
            if any(one.event_type == EventType.EVENT_TYPE_TIMER_STARTED for one in history.events):
                return
            await asyncio.sleep(_POLL_SECONDS)


async def _all_late(client: Client, dues: dict[str, datetime]) -> list[float]:
    found: list[float] = []
    for id_, due in dues.items():
        late = await _late(client, id_, due)
        if late is not None:
            found.append(late)
    if not found:
        raise RuntimeError("no run was asleep before it was due; measure fewer, or on a faster machine")
    return found


async def _late(client: Client, workflow_id: str, due: datetime) -> float | None:
    """Milliseconds from the due moment to the task after the timer; None when the run was not asleep before."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            events = (await client.get_workflow_handle(workflow_id).fetch_history()).events
            kinds = [one.event_type for one in events]
            if EventType.EVENT_TYPE_TIMER_FIRED in kinds:
                fired = kinds.index(EventType.EVENT_TYPE_TIMER_FIRED)
                for one in events[fired:]:
                    if one.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED:
                        return (one.event_time.ToDatetime(tzinfo=UTC) - due).total_seconds() * 1000
            elif EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED in kinds:
                return None
            await asyncio.sleep(_POLL_SECONDS)


def _memory(place: Installation, worker: str) -> float:
    return psutil.Process(place.pids[worker]).memory_info().rss / 1e6


def _temporal_bytes(place: Installation) -> int:
    """Pages that are in use, those in the write-ahead log too."""
    connection = sqlite3.connect(f"file:{place.temporal_file}?mode=ro", uri=True, timeout=60)
    try:
        pages, size, free = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size", "freelist_count")
        )
        return int((pages - free) * size)
    finally:
        connection.close()


async def _postgres_bytes(place: Installation) -> int:
    async with place.database.transaction() as session:
        return int(await session.scalar(text("SELECT pg_database_size(current_database())")) or 0)


def _figures(product: Side, bare: Side, size: Size) -> list[Figure]:
    asleep = f"{size.runs:,} runs asleep"
    due = f"{size.due:,} due within {size.seconds} s"
    pairs = [
        (f"worker's memory, {asleep}", "MB", product.memory, bare.memory, 1),
        (f"its growth by {asleep}", "MB", product.grown, bare.grown, 1),
        ("Temporal's database, each sleeping run", "KB", product.temporal, bare.temporal, size.runs),
        *(
            (f"lateness p{percent}, {due}", "ms", percentile(product.late, percent), percentile(bare.late, percent),
             len(product.late))
            for percent in (50, 99)
        ),
    ]  # fmt: skip
    figures = [
        Figure(name, unit, own, other, own / other if other > 0 else None, samples=samples)
        for name, unit, own, other, samples in pairs
    ]
    of_order = "PostgreSQL, each sleeping run with its order, contact and decision"
    return [*figures, Figure(of_order, "KB", product.postgres, samples=size.runs)]


def main() -> None:
    """Read the options, measure, tell."""
    usual = Size()
    parser = argparse.ArgumentParser(prog="python -m bench.sleeping", description=__doc__)
    for name, default in asdict(usual).items():
        parser.add_argument(f"--{name}", type=int, default=default, help=f"default {default}")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "sleeping.json")
    given = parser.parse_args()
    size = Size(runs=given.runs, due=given.due, seconds=given.seconds)
    console = Console()
    with console.status("Starting") as status:
        figures = asyncio.run(measure(size, status.update))
    console.print(table(figures))
    write(given.out, figures, size=asdict(size))


if __name__ == "__main__":
    main()
