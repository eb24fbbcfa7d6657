"""Cancels against sends: what was known at each claim, and how long a claimed mail took to reach its provider."""

import asyncio
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from activities.last_look import LastLook, Look
from activities.send_message import SendActivities
from channels.base import Outcome, Outgoing
from channels.smtp import SmtpChannel
from tests.builders import an_order
from tests.product import Product
from tests.servers import SmtpServer

RACE = """
name: Race
start: { event: orderDELIVERED }
stop:
  - { event: orderCANCELLED }
steps:
  - send: { id: thanks, channel: email, template: thanks }
"""


@dataclass
class Watch:
    """What the worker of this process did."""

    versions: dict[UUID, int] = field(default_factory=dict)
    """Run → version of the locked order when its message was allowed."""
    exposures: list[float] = field(default_factory=list)
    """Milliseconds from the commit of a claim to the call of the provider."""


@contextmanager
def watched() -> Iterator[Watch]:
    """Look over the worker's shoulder."""
    watch, claimed_at = Watch(), {}
    look, claim, send = LastLook.look, SendActivities._claim, SmtpChannel.send

    async def noted_look(self: LastLook) -> Look:
        found = await look(self)
        if found.reason is None:
            watch.versions[self.context.id] = self.context.row["order_version"]
        return found

    async def noted_claim(self: SendActivities, *args: object) -> object:
        found = await claim(self, *args)  # type: ignore[arg-type]  # passed through
        claimed_at[getattr(found, "row_id", None)] = time.perf_counter()
        return found

    async def noted_send(self: SmtpChannel, message: Outgoing) -> Outcome:
        watch.exposures.append((time.perf_counter() - claimed_at[message.id]) * 1000)
        return await send(self, message)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LastLook, "look", noted_look)
        patch.setattr(SendActivities, "_claim", noted_claim)
        patch.setattr(SmtpChannel, "send", noted_send)
        yield watch


async def race(product: Product, server: SmtpServer, count: int) -> tuple[int, Watch]:
    """Deliver and cancel `count` orders at nearly the same time. Returns how many mails left."""
    await product.publish(RACE)
    orders = [an_order() for _ in range(count)]

    async def cancel(order: dict[str, object], after: float) -> None:
        await asyncio.sleep(after)
        await product.post(order | {"status": "CANCELLED"})

    with watched() as watch:
        await product.post(*orders)
        await server.wait_for(1)
        chance = random.Random(7)
        await asyncio.gather(*(cancel(order, chance.uniform(0, count / 40)) for order in orders))
        for order in orders:
            await product.wait_for(
                order, "run", lambda runs: all(run["state"] in {"done", "stopped"} for run in runs), seconds=120
            )
    mails = len(server.messages)
    assert len({mail["X-Envelope-To"] for mail in server.messages}) == mails, "a mail went out twice"
    assert mails == len(watch.versions)
    assert set(watch.versions.values()) <= {1}, "a mail was claimed after its cancel was committed"
    return mails, watch
