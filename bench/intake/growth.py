"""What a request and match_contacts take among many stored orders, beside the same among few."""

import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from uuid import UUID, uuid4

from api.recording import check_orders, recording_of
from api.wire.reading import OrderRules
from bench.figures import Figure
from bench.intake.bodies import an_order, new_orders
from bench.intake.load import Connection, Target
from bench.intake.place import Servers
from bench.intake.stored import fill, stored_customer, warm
from core.settings import Settings
from store.intake import record_all
from store.matching import match_contacts
from store.session import Database, open_database

_SINGLE_A_ROUND = 20
"""Single orders are quick, and one of them says little."""


@dataclass
class _Side:
    """One of the two databases."""

    stored: int
    target: Target
    connection: Connection
    database: Database
    settings: Settings
    matched: int = 0

    async def single(self) -> float:
        """Seconds of a request of one order; the median of several."""
        return median([await self._request(1) for _ in range(_SINGLE_A_ROUND)])

    async def many(self, orders: int) -> float:
        """Seconds of a request of so many."""
        return await self._request(orders)

    async def match(self, orders: int) -> float:
        """Seconds of match_contacts for so many orders, every other one of a customer that is known."""
        batch_id = await self._recorded(orders)
        begun = time.perf_counter()
        async with self.database.transaction() as session:
            await match_contacts(session, [batch_id], match_order=self.settings.match_order, now=datetime.now(UTC))
        return time.perf_counter() - begun

    async def _request(self, orders: int) -> float:
        request = self.target.request(new_orders(orders))
        begun = time.perf_counter()
        await self.connection.send(request)
        return time.perf_counter() - begun

    async def _recorded(self, orders: int) -> UUID:
        prefix, raw = uuid4().hex[:12], []
        for number in range(orders):
            order = an_order(f"{prefix}-{number}")
            if number % 2:  # spread over all that are stored
                self.matched += 7919
                order |= stored_customer(1 + self.matched % self.stored)
            raw.append(order)
        rules = OrderRules.of(self.settings)
        recording = recording_of(check_orders(rules, raw), rules, source="bench", historical=False)
        async with self.database.transaction() as session:
            return (await record_all(session, [recording], now=datetime.now(UTC)))[0].batch_id


async def measure_growth(
    place: Servers, *, few: int, stored: int, orders: int, rounds: int, tell: Callable[[str], None]
) -> list[Figure]:
    """Latencies among `stored` orders and contacts, beside those among `few`."""
    async with AsyncExitStack() as exits:
        sides = []
        for count in (few, stored):
            tell(f"filling {count} orders")
            sides.append(await _open(place, count, exits))
        found: dict[str, list[tuple[float, float]]] = {"one": [], "many": [], "match": []}
        for number in range(rounds + 1):
            tell(f"requests among {few} and {stored} orders, round {number} of {rounds}")
            found["one"].append(await _both(sides, number, _Side.single))
            found["many"].append(await _both(sides, number, lambda side: side.many(orders)))
            found["match"].append(await _both(sides, number, lambda side: side.match(orders)))
    among = f"among {stored}, bare: among {few}"
    return [
        _figure(f"latency of a request of one order {among}", found["one"], 1.3),
        _figure(f"latency of a request of {orders} orders {among}", found["many"], 1.3),
        _figure(f"match_contacts of {orders} orders {among}", found["match"], 1.5),
    ]


async def _open(place: Servers, count: int, exits: AsyncExitStack) -> _Side:
    url = await place.database(f"stored_{count}")
    await fill(url, count)
    await warm(url)
    target = await exits.enter_async_context(place.api(url))
    connection = await Connection.open(target)
    exits.callback(connection.close)
    database = open_database(url, pool_size=1)
    exits.push_async_callback(database.close)
    return _Side(count, target, connection, database, Settings(database_url=url))


async def _both(
    sides: Sequence[_Side], number: int, measure: Callable[[_Side], Awaitable[float]]
) -> tuple[float, float]:
    """Of few and of many, one right after the other and in turns first, because the machine has its moods."""
    few, many = sides
    if number % 2:
        second = await measure(many)
        return await measure(few), second
    return await measure(few), await measure(many)


def _figure(name: str, pairs: Sequence[tuple[float, float]], limit: float) -> Figure:
    """Of pairs of rounds the first warms up."""
    measured = pairs[1:]
    ratio = median(many for _, many in measured) / median(few for few, _ in measured)
    return Figure(
        name,
        "ms",
        median(many for _, many in measured) * 1000,
        median(few for few, _ in measured) * 1000,
        ratio,
        target=f"ratio ≤ {limit}",
        met=ratio <= limit,
        samples=len(measured),
    )
