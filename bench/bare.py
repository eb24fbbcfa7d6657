"""What the bare workflows call: models and activities that do nothing, each where the product does something."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel
from temporalio import activity
from temporalio.client import Client

BARE_QUEUE = "bare"
BARE_CALLS = "bare-calls"
BARE_RUN = "BareRun"
_AT_ONCE = 16  # as the product's dispatch does


class Nothing(BaseModel):
    """One model in, one model out, as every call of the product has."""

    number: int = 0


class Nap(BaseModel):
    """How long to sleep."""

    until: datetime


class Series(BaseModel):
    """Which runs to start."""

    prefix: str
    count: int
    kind: str = BARE_RUN


@activity.defn
async def read_nothing(nothing: Nothing) -> Nothing:
    """Stands where get_order reads."""
    return nothing


@activity.defn
async def call_nothing(nothing: Nothing) -> Nothing:
    """Stands where send_message calls a provider; on a queue of its own."""
    return nothing


@dataclass(frozen=True)
class StartActivities:
    """Starts of bare runs."""

    client: Client

    @activity.defn
    async def start_runs(self, series: Series) -> None:
        """Some at a time."""
        for first in range(0, series.count, _AT_ONCE):
            numbers = range(first, min(first + _AT_ONCE, series.count))
            await asyncio.gather(*(self._start(series, number) for number in numbers))
            activity.heartbeat()

    async def _start(self, series: Series, number: int) -> None:
        await self.client.start_workflow(
            series.kind, Nothing(number=number), id=f"{series.prefix}/{number}", task_queue=BARE_QUEUE
        )
