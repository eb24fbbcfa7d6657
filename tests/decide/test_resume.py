"""What a pause held does not go out in a burst."""

import asyncio
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from temporalio.testing import ActivityEnvironment

from activities import dispatch
from activities.dispatch import DispatchActivities
from activities.library import Library
from core.contracts import AutomationRef
from store import automations
from store.tables.automation import AutomationState
from tests.builders import THANKS, an_order
from tests.decide.deciding import Decider


async def test_held_launches_start_so_many_a_second(decider: Decider, monkeypatch: pytest.MonkeyPatch) -> None:
    await decider.product.publish(THANKS)
    async with decider.database.transaction() as session:
        found = await automations.find(session, "Thanks")
        await automations.set_state(session, found, AutomationState.PAUSED)
    await decider.decide((await decider.product.post(*(an_order() for _ in range(5))))["id"])
    async with decider.database.transaction() as session:
        await automations.set_state(session, await automations.find(session, "Thanks"), AutomationState.LIVE)

    waited: list[tuple[float, int]] = []

    async def wait(seconds: float) -> None:
        """Instead of the clock: how long, and how many runs had been started by then."""
        async with decider.database.transaction() as session:
            started = await session.scalar(text("SELECT count(*) FROM run WHERE state = 'running'"))
        waited.append((seconds, started or 0))

    monkeypatch.setattr(dispatch, "asyncio", SimpleNamespace(gather=asyncio.gather, sleep=wait))
    release = DispatchActivities(decider.database, Library(), decider.product.client, release_per_second=2)
    done = await ActivityEnvironment().run(release.release, AutomationRef(automation_id=found.id))
    assert done.started == 5
    assert waited == [(1.0, 0), (1.0, 2), (0.5, 4)]
    assert await decider.states() == {"running": 5}
