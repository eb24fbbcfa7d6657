"""Each step's activity runs twice: what it did, it does once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from standardwebhooks import Webhook
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities.call_webhook import WebhookActivities
from activities.change import ChangeActivities
from activities.decide import DecideActivities
from activities.library import Library
from activities.match_contacts import MatchActivities
from activities.wait_for_event import AwaitActivities
from core.contracts import At, Batches, Passed
from core.outgoing import guarded_client
from core.settings import Settings
from core.waiting import Waited
from tests.builders import an_order
from tests.product import Product, running_api

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STEPS = """
name: Steps
start: { event: orderDELIVERED }
steps:
  - emit: { id: tell, event: vip }
  - add_to_segment: { id: join, segment: vips }
  - wait_for: { id: cancel, event: orderCANCELLED, timeout: 30d }
  - webhook: { id: call, url: "https://shop.example/hook/${externalOrderId}", params: { key: "of ${status}" } }
"""


@pytest.fixture
async def product(live_settings: Settings, temporal_env: WorkflowEnvironment) -> AsyncIterator[Product]:
    async with running_api(live_settings, temporal_env.client) as product:
        yield product


async def _decide(product: Product, order: dict[str, Any]) -> None:
    batches = Batches(batch_ids=(UUID((await product.post(order))["id"]),))
    await MatchActivities(product.database, product.settings).match_contacts(batches)
    await DecideActivities(product.database, Library()).decide(batches)


async def _run(product: Product, order: dict[str, Any], steps: str = STEPS) -> UUID:
    """A run that was decided and whose workflow never begins."""
    await product.publish(steps)
    await _decide(product, order)
    async with product.database.transaction() as session:
        found: UUID = (await session.execute(text("UPDATE run SET state = 'running' RETURNING id"))).scalar_one()
        return found


def _at(run_id: UUID, step_id: str) -> At:
    return At(run_id=run_id, step_id=step_id, now=datetime.now(UTC))


async def _count(product: Product, statement: str) -> int:
    async with product.database.transaction() as session:
        found: int = (await session.execute(text(statement))).scalar_one()
        return found


async def _result(product: Product, step_id: str) -> dict[str, Any]:
    async with product.database.transaction() as session:
        found = await session.execute(text("SELECT result FROM step_result WHERE step_id = :id"), {"id": step_id})
        result: dict[str, Any] = found.scalar_one()
        return result


async def test_emitting_twice_makes_one_event(product: Product) -> None:
    at = _at(await _run(product, an_order()), "tell")
    change = ChangeActivities(product.database, Library(), product.client).change
    assert [await change(at), await change(at)] == [Passed(), Passed()]
    assert await _count(product, "SELECT count(*) FROM order_event WHERE event_type = 'vip' AND depth = 1") == 1


async def test_joining_a_segment_twice_is_one_membership_and_one_event(product: Product) -> None:
    at = _at(await _run(product, an_order()), "join")
    change = ChangeActivities(product.database, Library(), product.client).change
    await change(at)
    await change(at)
    assert await _count(product, "SELECT count(*) FROM segment_member") == 1
    assert await _count(product, "SELECT count(*) FROM order_event WHERE event_type = 'segmentEntered'") == 1


async def test_what_came_before_the_wait_does_not_count_and_what_came_after_does_once(product: Product) -> None:
    order = an_order()
    run_id = await _run(product, order)
    await _decide(product, order | {"status": "CANCELLED"})
    await _decide(product, order | {"status": "IN_PROGRESS"})
    waiting = AwaitActivities(product.database, Library(), product.settings)
    first = await waiting.begin_wait_for(_at(run_id, "cancel"))
    assert not first.arrived
    await product.post(order | {"status": "CANCELLED"})  # committed, not decided
    second = await waiting.begin_wait_for(_at(run_id, "cancel"))
    assert second.arrived
    ends = [await waiting.end_wait_for(_at(run_id, "cancel")) for _ in range(2)]
    assert ends == [Waited(branch="then"), Waited(branch="then")]


async def test_a_wait_that_nothing_came_for_takes_else_twice(product: Product) -> None:
    order = an_order()
    run_id = await _run(product, order)
    waiting = AwaitActivities(product.database, Library(), product.settings)
    await waiting.begin_wait_for(_at(run_id, "cancel"))
    assert await waiting.end_wait_for(_at(run_id, "cancel")) == Waited(branch="else")
    await product.post(order | {"status": "CANCELLED"})
    assert await waiting.end_wait_for(_at(run_id, "cancel")) == Waited(branch="else")


def _webhooks(product: Product, answer: Any) -> WebhookActivities:
    settings = product.settings.model_copy(
        update={
            "outgoing_allowed_hosts": ("shop.example",),
            "webhook_secret": Settings(webhook_secret=SECRET).webhook_secret,
        }
    )
    http = guarded_client(settings, inner=httpx.MockTransport(answer))
    return WebhookActivities(product.database, Library(), settings, http)


async def test_a_call_is_signed_and_a_second_attempt_after_the_answer_calls_nobody(product: Product) -> None:
    order = an_order()
    seen: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(Webhook(SECRET).verify(request.content, dict(request.headers)))
        assert request.url.path == f"/hook/{order['externalOrderId']}"
        return httpx.Response(200, json={"points": 12})

    at = _at(await _run(product, order), "call")
    webhooks = _webhooks(product, answer)
    for _ in range(2):
        assert await ActivityEnvironment().run(webhooks.call_webhook, at) == Passed()
    assert [one["data"]["params"] for one in seen] == [{"key": "of DELIVERED"}]
    assert await _result(product, "call") == {"state": "ok", "status": 200, "answer": {"points": 12}}


async def test_an_answer_of_500_is_tried_again_until_a_day_is_over(product: Product) -> None:
    at = _at(await _run(product, an_order()), "call")
    webhooks = _webhooks(product, lambda _: httpx.Response(500))
    with pytest.raises(ApplicationError, match="the answer was 500"):
        await ActivityEnvironment().run(webhooks.call_webhook, at)
    late = ActivityEnvironment()
    now = datetime.now(UTC)
    late.info = replace(late.info, scheduled_time=now - timedelta(days=2), started_time=now)
    assert await late.run(webhooks.call_webhook, at) == Passed()
    assert (await _result(product, "call"))["state"] == "failed"


async def test_no_answer_within_the_time_that_the_step_gives_is_tried_again(product: Product) -> None:
    async def silence(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        return httpx.Response(200)

    quick = STEPS.replace("params: { key:", "timeout: 1s, params: { key:")
    at = _at(await _run(product, an_order(), quick), "call")
    with pytest.raises(ApplicationError, match="no answer within 1 seconds"):
        await ActivityEnvironment().run(_webhooks(product, silence).call_webhook, at)


@pytest.mark.parametrize("status", [302, 404])
async def test_other_answers_are_final(product: Product, status: int) -> None:
    at = _at(await _run(product, an_order()), "call")
    webhooks = _webhooks(product, lambda _: httpx.Response(status, headers={"Location": "https://x.example"}))
    await ActivityEnvironment().run(webhooks.call_webhook, at)
    result = await _result(product, "call")
    assert (result["state"], result["status"]) == ("failed", status)


async def test_an_answer_that_is_too_long_or_cannot_be_stored_leaves_its_status(product: Product) -> None:
    at = _at(await _run(product, an_order()), "call")
    webhooks = _webhooks(product, lambda _: httpx.Response(200, content=b'"\\u0000"'))
    await ActivityEnvironment().run(webhooks.call_webhook, at)
    assert await _result(product, "call") == {"state": "ok", "status": 200, "answer": None}
