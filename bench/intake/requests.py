"""Orders a second in requests of many, and requests a second of one order, each beside its bare baseline."""

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from statistics import median

from bench.figures import Figure
from bench.intake.bare import Bare
from bench.intake.bodies import new_orders
from bench.intake.load import Target, at_once
from bench.intake.place import Servers

CLIENTS_OF_MANY = 4
"""With one, each part of the machine would wait for the others; both sides have as many."""


async def measure_many(
    place: Servers, *, orders: int, requests: int, rounds: int, tell: Callable[[str], None]
) -> list[Figure]:
    """Requests of so many orders, so many in each round."""
    url = await place.database("many")
    rates: list[float] = []
    bare: list[float] = []
    async with AsyncExitStack() as exits:
        target = await exits.enter_async_context(place.api(url))
        bares = [await exits.enter_async_context(Bare.on(url)) for _ in range(CLIENTS_OF_MANY)]
        for number in range(rounds + 1):
            tell(f"requests of {orders} orders, round {number} of {rounds}")
            bare.append(await _bare_rate(bares, [new_orders(orders) for _ in range(requests)]))
            rates.append(await at_once(target, CLIENTS_OF_MANY, requests, lambda _: new_orders(orders)))
    return [_figure(f"requests of {orders} orders", "orders/s", rates, bare, orders)]


async def measure_single(
    place: Servers, *, clients: int, requests: int, rounds: int, tell: Callable[[str], None]
) -> list[Figure]:
    """Requests of one order by so many clients at once, so many in each round."""
    url = await place.database("single")
    rates: list[float] = []
    bare: list[float] = []
    async with place.api(url) as target, place.bare_api() as plain:
        for number in range(rounds + 1):
            tell(f"single orders of {clients} clients, round {number} of {rounds}")
            for measured, where in ((bare, plain), (rates, target)):
                measured.append(await _single_rate(where, clients, requests))
    return [_figure(f"single orders, {clients} clients", "requests/s", rates, bare)]


async def _single_rate(target: Target, clients: int, requests: int) -> float:
    return await at_once(target, clients, requests, lambda _: new_orders(1))


async def _bare_rate(bares: list[Bare], bodies: list[bytes]) -> float:
    todo = iter(bodies)

    async def client(bare: Bare) -> None:
        for body in todo:
            await bare.accept(body)

    begun = time.perf_counter()
    await asyncio.gather(*map(client, bares))
    return len(bodies) / (time.perf_counter() - begun)


def _figure(name: str, unit: str, rates: list[float], bare: list[float], each: int = 1) -> Figure:
    """Of pairs of rounds the first warms up."""
    ratio = median(own / other for own, other in zip(rates[1:], bare[1:], strict=True))
    return Figure(
        name,
        unit,
        median(rates[1:]) * each,
        median(bare[1:]) * each,
        ratio,
        target="ratio ≥ 0.5",
        met=ratio >= 0.5,
        samples=len(rates) - 1,
    )
