"""What a new version means for the runs that are under way."""

import asyncio
from typing import Any
from uuid import UUID

from core.contracts import automation_run_id
from store.revising import Running
from tests.builders import an_order
from tests.product import Product
from tests.servers import SmtpServer

TWO_MAILS = """
name: Two mails
start: { event: orderDELIVERED }
steps:
  - wait: { id: pause, for: 30d }
  - send: { id: first, channel: email, template: review }
"""
NEWER = TWO_MAILS.replace("for: 30d", "for: 60d").replace(
    "  - send:", "  - get_order: {}\n  - send: { id: before, channel: email, template: thanks }\n  - send:"
)


async def _publish(product: Product, yaml: str, running: Running) -> None:
    response = await product.http.put(
        "/api/v1/automations/Two mails",
        content=yaml,
        params={"running": running},
        headers={"Content-Type": "text/yaml"},
    )
    assert (response.status_code, response.json()["version"]) == (200, 2), response.text
    assert response.json()["runsTold"] is True


async def _sleeping(product: Product, yaml: str = TWO_MAILS) -> dict[str, Any]:
    await product.publish(yaml)
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "waiting")
    return order


async def _skip_wait(product: Product, order: dict[str, Any]) -> None:
    run = (await product.entries(order, "run"))[0]
    response = await product.http.post(f"/api/v1/runs/{run['id']}/skip-wait")
    assert response.status_code == 200, response.text


async def _told(product: Product, order: dict[str, Any]) -> None:
    """Until the run has heard of the new version."""
    run = (await product.entries(order, "run"))[0]
    handle = product.client.get_workflow_handle(automation_run_id(UUID(run["id"])))
    async with asyncio.timeout(60):
        while not any(  # noqa: ASYNC110 - in Temporal
            event.HasField("workflow_execution_signaled_event_attributes")
            for event in (await handle.fetch_history()).events
        ):
            await asyncio.sleep(0.05)


async def _sent(product: Product, order: dict[str, Any]) -> list[str]:
    return [one["step"] for one in await product.entries(order, "message") if one["state"] == "sent"]


async def test_a_pinned_run_ends_in_its_own_version(product: Product) -> None:
    order = await _sleeping(product)
    await _publish(product, NEWER, Running.PINNED)
    await _skip_wait(product, order)
    run = await product.wait_for_run(order, "done")
    assert (await _sent(product, order), run["version"]) == (["first"], 1)


async def test_a_migrated_run_keeps_its_due_moment_and_goes_on_in_the_new_version(product: Product) -> None:
    order = await _sleeping(product)
    due = (await product.wait_for_run(order, "waiting"))["dueAt"]
    await _publish(product, NEWER, Running.MIGRATE)
    moved = await product.wait_for(order, "run", lambda runs: runs[0]["version"] == 2)
    assert moved[0]["dueAt"] == due
    await _skip_wait(product, order)
    await product.wait_for_run(order, "done")
    assert await _sent(product, order) == ["before", "first"]


async def test_a_run_whose_step_is_gone_stays_in_its_version(product: Product) -> None:
    order = await _sleeping(product)
    await _publish(product, NEWER.replace("id: pause", "id: other"), Running.MIGRATE)
    await _told(product, order)
    await _skip_wait(product, order)
    run = await product.wait_for_run(order, "done")
    assert (await _sent(product, order), run["version"]) == (["first"], 1)


async def test_a_drained_run_stops_before_its_next_send(product: Product, smtp_server: SmtpServer) -> None:
    order = await _sleeping(product)
    await _publish(product, NEWER, Running.DRAIN)
    await _skip_wait(product, order)
    stopped = await product.wait_for_run(order, "stopped")
    assert stopped["stop"]["kind"] == "drained"
    assert smtp_server.messages == []


async def test_a_migrated_run_wakes_for_the_event_that_the_new_version_waits_for(product: Product) -> None:
    awaits = TWO_MAILS.replace("wait: { id: pause, for: 30d }", "wait_for: { id: pause, event: called, timeout: 30d }")
    order = await _sleeping(product, awaits)
    newer = awaits.replace("event: called", "event: orderIN_PROGRESS").replace(
        "  - send", "  - get_order: {}\n  - send"
    )
    await _publish(product, newer, Running.MIGRATE)
    await product.wait_for(order, "run", lambda runs: runs[0]["version"] == 2)
    await product.post(order | {"status": "IN_PROGRESS"})
    await product.wait_for_run(order, "done")
    assert await _sent(product, order) == ["first"]
