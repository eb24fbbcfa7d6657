"""Runs per second, of the product and of a bare workflow, in alternate rounds."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from uuid import uuid4

import psutil

from bench.bare import BARE_QUEUE, BARE_RUN, Series
from bench.bare_workflow import BareBatch
from bench.installation import Installation
from core.contracts import RUN_WORKFLOW
from tests.builders import an_order

_POLL_SECONDS = 0.2
_ROUND_SECONDS = 60.0
_WARM_UP = 50
SERVERS = ("postgres", "temporal")


@dataclass(frozen=True)
class Round:
    """One side's part of a pair."""

    rate: float
    """Runs per second, from the start of the first to the end of the last."""
    cpu: dict[str, float]
    """Milliseconds of CPU per run, by process."""


@dataclass
class Throughput:
    """Pairs of rounds, one after the other, so that what slows the machine slows both."""

    product: list[Round] = field(default_factory=list)
    bare: list[Round] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """Product to bare, a pair each."""
        return [own.rate / bare.rate for own, bare in zip(self.product, self.bare, strict=True)]

    def cpu(self, side: list[Round], process: str) -> float:
        """Milliseconds of CPU per run, the median of the rounds."""
        return median(one.cpu[process] for one in side)


async def measure_throughput(
    place: Installation, *, runs: int, rounds: int, seconds: float, tell: Callable[[str], None]
) -> Throughput:
    """As many pairs as wanted and as fit into the time, at least one. The one-message automation is live."""
    begun = time.monotonic()
    await measure_round(place, _start_bare, BARE_RUN, min(runs, _WARM_UP), "bare")
    await measure_round(place, _start_product, RUN_WORKFLOW, min(runs, _WARM_UP), "worker")
    found = Throughput()
    for number in range(rounds):
        if found.product and (time.monotonic() - begun) * (number + 1) / number > seconds:
            break
        tell(f"{runs} runs at once, round {number + 1} of {rounds}")
        found.bare.append(await measure_round(place, _start_bare, BARE_RUN, runs, "bare"))
        found.product.append(await measure_round(place, _start_product, RUN_WORKFLOW, runs, "worker"))
    return found


async def _start_bare(place: Installation, runs: int) -> None:
    prefix = f"bare-{uuid4().hex}"
    await place.client.start_workflow(
        BareBatch.run, Series(prefix=prefix, count=runs), id=prefix, task_queue=BARE_QUEUE
    )


async def _start_product(place: Installation, runs: int) -> None:
    await place.post([an_order() for _ in range(runs)])


async def measure_round(
    place: Installation, start: Callable[[Installation, int], Awaitable[None]], kind: str, runs: int, worker: str
) -> Round:
    """Start so many runs of this kind of workflow and wait until all are done; `worker` is the process that works."""
    before = {name: _cpu_seconds(place.pids[name]) for name in (worker, *SERVERS)}
    ended = (
        f"WorkflowType = '{kind}' AND ExecutionStatus = 'Completed' "
        f"AND StartTime >= '{datetime.now(UTC).isoformat().replace('+00:00', 'Z')}'"
    )
    await start(place, runs)
    async with asyncio.timeout(_ROUND_SECONDS):
        while (await place.client.count_workflows(ended)).count < runs:  # noqa: ASYNC110 # over gRPC
            await asyncio.sleep(_POLL_SECONDS)
    cpu = {name: (_cpu_seconds(place.pids[name]) - spent) / runs * 1000 for name, spent in before.items()}
    done = [one async for one in place.client.list_workflows(ended)]
    last = max(one.close_time for one in done if one.close_time)
    took = last - min(one.start_time for one in done)
    return Round(rate=runs / took.total_seconds(), cpu={"worker": cpu[worker], **{name: cpu[name] for name in SERVERS}})


def _cpu_seconds(pid: int) -> float:
    """CPU time of a process and its living children."""
    process = psutil.Process(pid)
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(one.user + one.system for one in times)
