import asyncio
from pathlib import Path

import pytest

from cli import stack_service
from cli.stack_service import Service

CRASH = ["/bin/sh", "-c", "echo out of order; exit 3"]


async def test_a_service_that_dies_starts_again_after_growing_pauses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack_service, "_FIRST_PAUSE", 0.01)
    service = Service("clerk", CRASH, log=tmp_path / "clerk.log")
    first = await service.start()
    reports: list[str] = []
    restarts = asyncio.Semaphore(0)
    keeper = asyncio.create_task(service.keep_running(reports.append, restarts.release))
    for _ in range(3):
        await restarts.acquire()
    keeper.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeper
    assert service.child.pid != first.pid
    await service.stop()
    log = tmp_path / "clerk.log"
    assert reports[:3] == [
        f"clerk ended with exit code 3 and starts again in {pause} s: out of order (see {log})"
        for pause in ("0.01", "0.02", "0.04")
    ]


async def test_a_service_that_lived_long_starts_again_after_the_first_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack_service, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(stack_service, "_HEALTHY_SECONDS", 0.0)
    service = Service("clerk", CRASH, log=tmp_path / "clerk.log")
    await service.start()
    reports: list[str] = []
    restarts = asyncio.Semaphore(0)
    keeper = asyncio.create_task(service.keep_running(reports.append, restarts.release))
    for _ in range(2):
        await restarts.acquire()
    keeper.cancel()
    await asyncio.wait([keeper])
    await service.stop()
    assert all("starts again in 0.01 s" in report for report in reports)
