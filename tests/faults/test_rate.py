"""The rate of a key over two real API processes."""

import asyncio
import time
from collections import Counter

import httpx

from core.settings import Settings
from store.keys import Scope, create_key
from store.session import open_database
from tests.faults.processes import Served, served

_RATE = 10
_SECONDS = 3.0
_CHUNK = 1


async def _key(settings: Settings, rate: int) -> dict[str, str]:
    database = open_database(settings.database_url, pool_size=1)
    async with database.transaction() as session:
        key = await create_key(session, "fast", [Scope.ADMIN], rate=rate)
    await database.close()
    return {"Authorization": f"Bearer {key.text}"}


async def _hammer(api: Served, headers: dict[str, str], until: float) -> Counter[int]:
    told: Counter[int] = Counter()
    async with httpx.AsyncClient(headers=headers, trust_env=False) as http:
        while time.monotonic() < until:
            response = await http.get(f"{api.url}/api/v1/orders/none")
            told[response.status_code] += 1
            if response.status_code == 429:
                assert response.headers["retry-after"] == "1"
                assert response.json()["code"] == "too_many_requests"
                await asyncio.sleep(0.01)
    return told


async def test_two_api_processes_together_let_a_key_ask_as_often_as_its_rate_says(live_settings: Settings) -> None:
    headers = await _key(live_settings, _RATE)
    async with served(live_settings, 2) as apis:
        begun = time.monotonic()
        counts = await asyncio.gather(*(_hammer(api, headers, begun + _SECONDS) for api in apis for _ in range(4)))
        lasted = time.monotonic() - begun
    told = sum(counts, Counter[int]())
    assert told.keys() == {404, 429}
    # a full bucket of one second, what came in since, and one chunk in each process
    assert told[404] <= _RATE * (lasted + 1) + len(apis) * _CHUNK
    assert told[404] >= _RATE
