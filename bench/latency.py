"""From the POST of one order to its mail, on an idle stack, and a bare run beside it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import quantiles
from uuid import uuid4

from bench.bare import BARE_QUEUE, Nothing
from bench.bare_workflow import BareRun
from bench.installation import Installation
from tests.builders import an_order

_PAUSE_SECONDS = 0.1
"""After the mail the run still has to end; then nothing moves."""
_WARM_UP = 3


@dataclass
class Latency:
    """Milliseconds, one after the other."""

    product: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


async def measure_latency(place: Installation, *, posts: int, seconds: float, tell: Callable[[str], None]) -> Latency:
    """The product and the bare run take turns, as often as wanted and as fits into the time. One-message is live."""
    for _ in range(_WARM_UP):
        await _product(place)
        await _bare(place)
    found = Latency()
    begun = time.monotonic()
    for number in range(posts):
        if found.product and time.monotonic() - begun > seconds:
            break
        tell(f"one order on an idle stack, {number + 1} of {posts}")
        found.product.append(await _product(place))
        found.bare.append(await _bare(place))
    return found


def percentile(values: list[float], percent: int) -> float:
    """By linear interpolation between what was measured; the only value of one."""
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


async def _product(place: Installation) -> float:
    order = an_order()
    begun = time.perf_counter()
    await place.post([order])
    took = await place.sink.arrival(order["email"]) - begun
    await asyncio.sleep(_PAUSE_SECONDS)
    return took * 1000


async def _bare(place: Installation) -> float:
    begun = time.perf_counter()
    await place.client.execute_workflow(BareRun.run, Nothing(), id=f"bare-{uuid4().hex}", task_queue=BARE_QUEUE)
    took = time.perf_counter() - begun
    await asyncio.sleep(_PAUSE_SECONDS)
    return took * 1000
