"""Workers that stand still where a test wants them to."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from activities.last_look import LastLook, Look
from activities.send_message import SendActivities


@dataclass
class Held:
    """A worker that stands before its claims, or between the last look and the commit of one."""

    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def stand(self) -> None:
        """Stay until somebody says so."""
        self.arrived.set()
        await self.go_on.wait()

    async def come(self) -> None:
        """Once it stands there."""
        async with asyncio.timeout(60):
            await self.arrived.wait()
        self.arrived.clear()

    def pass_on(self) -> None:
        """Whoever stands there goes on; the next one stays again."""
        self.go_on.set()
        self.go_on = asyncio.Event()


@pytest.fixture
def after_look(monkeypatch: pytest.MonkeyPatch) -> Held:
    held, look = Held(), LastLook.look

    async def slow_look(self: LastLook) -> Look:
        found = await look(self)
        await held.stand()
        return found

    monkeypatch.setattr(LastLook, "look", slow_look)
    return held


@pytest.fixture
def before_claim(monkeypatch: pytest.MonkeyPatch) -> Held:
    held, claim = Held(), SendActivities._claim

    async def slow_claim(self: SendActivities, *args: Any) -> object:  # Any: passed through
        await held.stand()
        return await claim(self, *args)

    monkeypatch.setattr(SendActivities, "_claim", slow_claim)
    return held
