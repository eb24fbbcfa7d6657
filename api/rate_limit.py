"""How many requests a second a key may make, in all API processes together."""

import asyncio
import time
from dataclasses import dataclass, field
from uuid import UUID

from api.problems import Problem
from store.rates import take_tokens
from store.session import Database
from store.tables import ApiKey

_CHUNKS_PER_SECOND = 10
"""A process takes a tenth of a second's requests at once: so many questions to PostgreSQL a second at full rate, and
at most so much more than the rate for each process."""
_RETRY_AFTER_SECONDS = 1
_MOST_BUDGETS = 10_000


@dataclass
class _Budget:
    tokens: int = 0
    empty_until: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class RateLimit:
    """Requests of each key, taken ahead from PostgreSQL in chunks."""

    def __init__(self, database: Database, *, usual_rate: int) -> None:
        """`usual_rate` in requests a second, for keys without a rate of their own."""
        self._database = database
        self._usual = usual_rate
        self._budgets: dict[UUID, _Budget] = {}

    async def take(self, key: ApiKey) -> None:
        """Count a request. Raises Problem 429, and UnavailableError when PostgreSQL has to be asked and is away."""
        budget = self._budgets.get(key.id) or self._new_budget(key.id)
        while budget.tokens <= 0:  # others wait for the same chunk
            await self._refill(key, budget)
        budget.tokens -= 1

    def _new_budget(self, key_id: UUID) -> _Budget:
        if len(self._budgets) >= _MOST_BUDGETS:
            self._budgets.clear()
        self._budgets[key_id] = budget = _Budget()
        return budget

    async def _refill(self, key: ApiKey, budget: _Budget) -> None:
        rate = key.rate or self._usual
        async with budget.lock:
            if budget.tokens > 0:
                return
            if time.monotonic() < budget.empty_until:
                raise _too_many(rate)
            async with self._database.transaction() as session:
                wanted = max(1, rate // _CHUNKS_PER_SECOND)
                budget.tokens = await take_tokens(session, key.id, rate=rate, wanted=wanted)
            if budget.tokens <= 0:
                budget.empty_until = time.monotonic() + 1 / min(rate, _CHUNKS_PER_SECOND)
                raise _too_many(rate)


def _too_many(rate: int) -> Problem:
    return Problem(
        429,
        "too_many_requests",
        f"The key may make {rate} requests a second.",
        remedy="Wait as long as Retry-After says, send more orders in one request, or ask for a higher rate: "
        "ordercue keys create --rate.",
        headers={"Retry-After": str(_RETRY_AFTER_SECONDS)},
    )
