"""What the API process holds in memory while it takes requests of many orders."""

from collections.abc import Callable

import psutil

from bench.figures import Figure
from bench.intake.bodies import new_orders
from bench.intake.load import Connection
from bench.intake.place import Servers

_WARM_UP = 10
"""A tenth of the requests fill caches of fixed size, for each of which orders of many customers have to come."""


async def measure_memory(place: Servers, *, orders: int, requests: int, tell: Callable[[str], None]) -> list[Figure]:
    """Resident memory after all requests, beside that after the first tenth of them."""
    async with place.api(await place.database("memory")) as target:
        connection = await Connection.open(target)
        process = psutil.Process(target.pid)
        early = process.memory_info().rss
        try:
            for number in range(1, requests + 1):
                tell(f"memory, request {number} of {requests}")
                await connection.send(target.request(new_orders(orders)))
                if number == max(requests // _WARM_UP, 1):
                    early = process.memory_info().rss
        finally:
            connection.close()
        late = process.memory_info().rss
    ratio = late / early
    return [
        Figure(
            f"memory of the API after {requests} requests of {orders} orders, bare: after a tenth",
            "MB",
            late / 1e6,
            early / 1e6,
            ratio,
            target="ratio ≤ 1.1",
            met=ratio <= 1.1,
            samples=requests,
        )
    ]
