"""A template is sent to somebody who wants to look at it: really, once, and counted nowhere."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import text
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities.send_test import SendTestActivities
from channels.base import Accepted, AddressKind, Later, Outcome, Outgoing
from core.settings import Settings
from core.test_sending import TestSend
from store.session import Database, open_database
from store.suppressions import suppress
from store.template_tests import NewTest, claim_test, find_test, insert_test
from store.unsubscriptions import unsubscribe
from tests.builders import an_order
from tests.product import Product, running_product
from tests.servers import SmtpServer
from tests.shell import Shell

_ADDRESS = "/api/v1/templates/thanks/test"


async def test_a_test_is_a_real_message_that_is_marked_and_counted_nowhere(
    live_settings: Settings, temporal_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> None:
    async with running_product(live_settings, temporal_env.client) as product:
        order = an_order()
        await product.post(order)
        wanted = {"to": "Me@Example.com", "order": order["externalOrderId"], "params": {"x": 1}}
        asked = await product.http.post(_ADDRESS, json=wanted)
        assert asked.status_code == 202, asked.text
        assert (asked.json()["channel"], asked.json()["to"], asked.json()["test"]) == ("email", "me@example.com", True)
        mail = (await smtp_server.wait_for(1))[0]
        assert (mail["X-Envelope-To"], str(mail["Subject"])[:7]) == ("me@example.com", "[TEST] ")
        assert order["externalOrderId"] in mail.get_body(("html",)).get_content()  # type: ignore[union-attr]  # it has one
        told = await _outcome(product, asked.json()["id"])
        assert (told["state"], told["reason"]) == ("sent", None)
        async with product.database.transaction() as session:
            assert await session.scalar(text("SELECT count(*) FROM message")) == 0
            assert await session.scalar(text("SELECT content FROM template_test")) is None, "it shows an order"
            assert list(
                await session.scalars(text("SELECT subject FROM audit_log WHERE action = 'template.test'"))
            ) == ["template:thanks"]
            await suppress(session, "email", ["gone@example.com"], "bounced", provenance="test")
            await unsubscribe(session, "email", ["me@example.com"])
        refused = await product.http.post(_ADDRESS, json={"to": "gone@example.com"})
        assert (refused.status_code, "bounced" in refused.json()["detail"]) == (409, True)
        for wrong in ({"to": "nobody@"}, {"to": "+380501234567"}, {"to": "a@example.com", "channel": "pigeon"}):
            assert (await product.http.post(_ADDRESS, json=wrong)).status_code == 400
        draft = {"to": "me@example.com", "template": {"subject": "Draft", "text": "Hello"}}
        assert (await product.http.post(_ADDRESS, json=draft)).status_code == 202, "its owner asked for it"
        assert str((await smtp_server.wait_for(2))[1]["Subject"]) == "[TEST] Draft"
        await _by_command(live_settings, order["externalOrderId"])
        assert len(smtp_server.messages) == 3


async def _outcome(product: Product, test_id: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            found = await product.http.get(f"/api/v1/templates/thanks/tests/{test_id}")
            if found.json()["state"] not in {"pending", "sending"}:
                return dict(found.json())
            await asyncio.sleep(0.05)


async def _by_command(settings: Settings, order: str) -> None:
    words = ("templates", "test", "thanks", "--to", "you@example.com", "--order", order, "--json")
    done = await Shell(settings).run(*words)
    assert (done.code, done.json["state"]) == (0, "sent")


@dataclass
class _Counting:
    """A provider that only counts."""

    takes_key: bool
    outcome: Outcome = field(default_factory=lambda: Accepted("1"))
    sent: int = 0
    name: str = "email"
    address_kind: AddressKind = AddressKind.EMAIL

    async def send(self, _message: Outgoing) -> Outcome:
        self.sent += 1
        return self.outcome

    async def close(self) -> None: ...


@pytest.fixture
async def database(settings: Settings) -> Any:
    database = open_database(settings.database_url, pool_size=2)
    yield database
    await database.close()


async def _run(database: Database, channel: _Counting, *, died: bool = False) -> tuple[TestSend, str]:
    content = {"subject": "[TEST] Hello", "text": "Hello", "html": None}
    async with database.transaction() as session:
        test_id = await insert_test(session, NewTest("thanks", "email", "me@example.com", content, "test"))
        if died:
            await claim_test(session, test_id, takes_key=channel.takes_key)
    wanted = TestSend(test_id=test_id, channel="email")
    return wanted, await _send(database, channel, wanted)


async def _send(database: Database, channel: _Counting, wanted: TestSend) -> str:
    activities = SendTestActivities(database, Settings(), {"email": channel})
    return str(await ActivityEnvironment().run(activities.send_test, wanted))


async def test_a_second_attempt_sends_nothing_unless_the_provider_drops_repetitions(database: Database) -> None:
    channel = _Counting(takes_key=False)
    wanted, state = await _run(database, channel)
    assert (state, await _send(database, channel, wanted), channel.sent) == ("sent", "sent", 1)
    assert (await _run(database, channel, died=True))[1] == "unknown"
    assert channel.sent == 1
    keyed = _Counting(takes_key=True)
    assert ((await _run(database, keyed, died=True))[1], keyed.sent) == ("sent", 1)


async def test_a_provider_that_is_down_is_tried_again(database: Database) -> None:
    channel = _Counting(takes_key=False, outcome=Later("connect", "no answer"))
    with pytest.raises(Exception, match="connect: no answer"):
        await _run(database, channel)
    async with database.transaction() as session:
        test_id = await session.scalar(text("SELECT id FROM template_test"))
        assert (await find_test(session, test_id))["state"] == "pending"
    channel.outcome = Accepted("2")
    assert await _send(database, channel, TestSend(test_id=test_id, channel="email")) == "sent"
