"""Sends that a pause held do not go out in a burst."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities import dispatch
from activities.dispatch import DispatchActivities
from activities.library import Library
from core.contracts import AutomationRef
from store import automations
from store.tables.automation import AutomationState
from tests.builders import an_order
from tests.product import Product
from tests.servers import SmtpServer

_LATER = """
name: Later
start: { event: orderDELIVERED }
steps:
  - wait: { id: pause, for: 14d }
  - get_order: {}
  - send: { id: thanks, channel: email, template: thanks }
"""
_WAKE = dispatch.signal_run


async def test_held_sends_are_woken_so_many_a_second(
    product: Product, smtp_server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await product.publish(_LATER)
    orders = [an_order() for _ in range(3)]
    await product.post(*orders)
    waiting = [await product.wait_for_run(order, "waiting") for order in orders]
    reference = await _set_state(product, AutomationState.PAUSED)
    for order, run in zip(orders, waiting, strict=True):
        answer = await product.http.post(f"/api/v1/runs/{run['id']}/skip-wait")
        assert answer.status_code == 200, answer.text
        await product.wait_for(order, "message", lambda found: bool(found and found[0]["reason"]))
    assert smtp_server.messages == []
    await _set_state(product, AutomationState.LIVE)

    woken: list[str] = []
    waited: list[tuple[float, int]] = []

    async def wait(seconds: float) -> None:
        """Instead of the clock: how long, and how many had been woken by then."""
        waited.append((seconds, len(woken)))

    async def wake(client: Any, run_id: Any, name: str) -> None:  # Any: passed through
        woken.append(name)
        await _WAKE(client, run_id, name)

    monkeypatch.setattr(dispatch, "asyncio", SimpleNamespace(gather=asyncio.gather, sleep=wait))
    monkeypatch.setattr(dispatch, "signal_run", wake)
    release = DispatchActivities(product.database, Library(), product.client, release_per_second=2)
    done = await ActivityEnvironment().run(release.release, reference)
    assert (done.signalled, waited) == (3, [(1.0, 0), (0.5, 2)])
    assert len(await smtp_server.wait_for(3)) == 3


async def _set_state(product: Product, state: AutomationState) -> AutomationRef:
    async with product.database.transaction() as session:
        found = await automations.find(session, "Later")
        await automations.set_state(session, found, state)
        return AutomationRef(automation_id=found.id)
