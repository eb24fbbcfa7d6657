"""Workers that are killed (-9) at every point of the send path, one after the other: no mail goes twice.

FAULT_KILLS says how often (`make faults`: 200).
"""

import asyncio
import json
import os
import random
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from core.settings import Settings
from tests.builders import THANKS, an_order
from tests.channels.http_server import HttpServer, Said
from tests.product import Product, running_api
from tests.servers import SmtpServer

_KILLS = int(os.environ.get("FAULT_KILLS", "2"))
_POINTS = ("before_call", "after_call", "before_claim", "after_record")
_ORDERS = 3
"""Before each kill."""
_ROOT = Path(__file__).parents[2]
_NAMES = ("database_url", "temporal_address", "temporal_namespace", "smtp_host", "smtp_port", "smtp_timeout_seconds")
_STATES = text("SELECT address, state FROM message")
_DONE = text("SELECT count(*) FROM run WHERE state = 'done'")


async def _worker(settings: Settings, point: str, *, number: int, more: dict[str, str]) -> asyncio.subprocess.Process:
    environment = {f"ORDERCUE_{name.upper()}": str(getattr(settings, name)) for name in _NAMES} | more
    command = (sys.executable, "-m", "tests.crash.worker_process", point, str(number))
    return await asyncio.create_subprocess_exec(*command, cwd=_ROOT, env=os.environ | environment)


async def _survive(product: Product, settings: Settings, more: dict[str, str]) -> Counter[str]:
    """Kill workers until all have died as often as wanted, then let one finish. Ledger states, counted."""
    await product.publish(THANKS)
    chance = random.Random(11)
    for kill in range(_KILLS):
        await product.post(*(an_order() for _ in range(_ORDERS)))
        dying = await _worker(settings, _POINTS[kill % len(_POINTS)], number=chance.randint(1, _ORDERS), more=more)
        async with asyncio.timeout(240):
            await dying.wait()
    last = await _worker(settings, "none", number=1, more=more)
    try:
        async with asyncio.timeout(240 + 2 * _KILLS):
            while await _done(product) < _ORDERS * _KILLS:  # noqa: ASYNC110 - in PostgreSQL
                await asyncio.sleep(0.2)
    finally:
        last.kill()
        await last.wait()
    async with product.database.transaction() as session:
        return Counter(row.state for row in await session.execute(_STATES))


async def _done(product: Product) -> int:
    async with product.database.transaction() as session:
        return int(await session.scalar(_DONE) or 0)


async def test_over_smtp_no_mail_goes_twice_and_only_what_nobody_can_know_is_unknown(
    live_settings: Settings,
    temporal_env: WorkflowEnvironment,
    smtp_server: SmtpServer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with running_api(live_settings, temporal_env.client) as product:
        states = await _survive(product, live_settings, {})
    arrived = Counter(mail["X-Envelope-To"] for mail in smtp_server.messages)
    _tell(capsys, "over SMTP", states, f"{arrived.total()} mails to {len(arrived)} addresses")
    assert arrived.total() == len(arrived), "a mail went twice"
    assert states.total() == _ORDERS * _KILLS
    assert set(states) <= {"sent", "unknown"}
    assert states["sent"] <= len(arrived) <= states.total()


async def test_a_provider_that_takes_keys_gets_every_mail_once(
    live_settings: Settings, temporal_env: WorkflowEnvironment, capsys: pytest.CaptureFixture[str]
) -> None:
    async with HttpServer(Said(200, {"id": "re1"})).running() as server:
        more = {
            "ORDERCUE_EMAIL_PROVIDER": "resend",
            "ORDERCUE_RESEND_API_KEY": "re_test",
            "ORDERCUE_RESEND_URL": server.url,
        }
        async with running_api(live_settings, temporal_env.client) as product:
            states = await _survive(product, live_settings, more)
    bodies: dict[str, set[str]] = {}
    for one in server.asked:
        bodies.setdefault(one.headers["idempotency-key"], set()).add(json.dumps(one.json(), sort_keys=True))
    _tell(capsys, "with keys", states, f"{len(server.asked)} requests with {len(bodies)} keys")
    assert states == Counter(sent=_ORDERS * _KILLS)
    assert len(bodies) == _ORDERS * _KILLS, "a mail had two keys, or never came"
    assert all(len(same) == 1 for same in bodies.values()), "a key came with another content"


def _tell(capsys: pytest.CaptureFixture[str], how: str, states: Counter[str], came: str) -> None:
    with capsys.disabled():
        told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        sys.stdout.write(f"\n{_KILLS} kills {how}: {told}; {came}\n")
