"""Cancels against sends: what was known at each claim, and how long a claimed mail took to reach its provider."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from activities.last_look import LastLook, Look
from activities.send_message import SendActivities
from channels.base import Outcome, Outgoing
from channels.smtp import SmtpChannel
from core.contracts import At
from tests.builders import an_order
from tests.product import Product
from tests.servers import SmtpServer

RACE = """
name: Race
start: { event: orderDELIVERED }
stop:
  - { event: orderCANCELLED }
  - { event: orderINITIALIZED, match: contact }
  - { unsubscribed: email }
steps:
  - send: { id: thanks, channel: email, template: thanks }
"""

Order = dict[str, Any]  # Any: JSON
Stop = Callable[[Product, Order], Awaitable[None]]


@dataclass
class Watch:
    """What the worker of this process did."""

    versions: dict[UUID, int] = field(default_factory=dict)
    """Run → version of the locked order when its message was allowed."""
    begun: dict[UUID, float] = field(default_factory=dict)
    """Run → when its claim began, if its message was allowed."""
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

    async def noted_claim(self: SendActivities, at: At, now: datetime) -> object:
        begun = time.perf_counter()
        found = await claim(self, at, now)
        claimed_at[getattr(found, "row_id", None)] = time.perf_counter()
        if hasattr(found, "row_id"):
            watch.begun[at.run_id] = begun
        return found

    async def noted_send(self: SmtpChannel, message: Outgoing) -> Outcome:
        watch.exposures.append((time.perf_counter() - claimed_at[message.id]) * 1000)
        return await send(self, message)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LastLook, "look", noted_look)
        patch.setattr(SendActivities, "_claim", noted_claim)
        patch.setattr(SmtpChannel, "send", noted_send)
        yield watch


async def by_cancel(product: Product, order: Order) -> None:
    """The order gets another status."""
    await product.post(order | {"status": "CANCELLED"})


async def by_another_order(product: Product, order: Order) -> None:
    """The contact places a new one."""
    await product.post(an_order(email=order["email"], externalCustomerId=None, status="INITIALIZED"))


async def by_unsubscribing(product: Product, order: Order) -> None:
    """The address gets nothing any more."""
    async with asyncio.timeout(300):
        while True:
            answer = await product.http.post("/api/v1/emails/unsubscribed/add", json={"emails": [order["email"]]})
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:  # too much at once: its remedy is to come again
                break
            await asyncio.sleep(1)
    assert answer.status_code == 200, answer.text


async def race(product: Product, server: SmtpServer, count: int, *stops: Stop) -> tuple[int, Watch]:
    """Deliver `count` orders and stop them, by these ways in turn, at nearly the same time. How many mails left."""
    await product.publish(RACE)
    orders = [an_order() for _ in range(count)]
    answered: dict[str, float] = {}

    async def end(order: Order, stop: Stop, after: float) -> None:
        await asyncio.sleep(after)
        await stop(product, order)
        answered[order["externalOrderId"]] = time.perf_counter()

    with watched() as watch:
        await product.post(*orders)
        await server.wait_for(1, seconds=600)  # a busy machine decides about a thousand first
        chance = random.Random(7)
        ways = [(order, stops[number % len(stops)]) for number, order in enumerate(orders)]
        await asyncio.gather(*(end(order, stop, chance.uniform(0, count / 40)) for order, stop in ways))
        for order in orders:
            runs = await product.wait_for(
                order, "run", lambda runs: all(run["state"] in {"done", "stopped"} for run in runs), seconds=600
            )
            for run in runs:
                begun = watch.begun.get(UUID(run["id"]), 0.0)
                assert begun < answered[order["externalOrderId"]], "a claim began after its stop was answered"
    mails = len(server.messages)
    assert len({mail["X-Envelope-To"] for mail in server.messages}) == mails, "a mail went out twice"
    assert (
        mails <= len(watch.begun) <= len(watch.versions)
    )  # a slow machine puts a claimed mail off, and its stop comes first
    assert set(watch.versions.values()) <= {1}, "a mail was claimed after its cancel was committed"
    return mails, watch
