"""What a new version means for the runs that are under way."""

from typing import Any

from automation.definition import definition_json, load_definition
from core.contracts import (
    ARCHIVE_WORKFLOW,
    MIGRATE_WORKFLOW,
    QUEUE,
    AutomationRef,
    VersionRef,
    end_runs_id,
    migrate_runs_id,
)
from store import automations
from store.revising import Running
from store.tables.automation import AutomationState
from tests.builders import an_order
from tests.product import Product
from tests.servers import SmtpServer

TWO_MAILS = """
name: Two mails
start: { event: orderDELIVERED }
steps:
  - wait: { id: pause, for: 3s }
  - send: { id: first, channel: email, template: review }
"""
NEWER = TWO_MAILS.replace("for: 3s", "for: 30d").replace(
    "  - send:", "  - get_order: {}\n  - send: { id: before, channel: email, template: thanks }\n  - send:"
)


async def _publish(product: Product, yaml: str, running: Running) -> None:
    definition = load_definition(yaml)
    async with product.database.transaction() as session:
        done = await automations.publish(session, definition.name, definition_json(definition), running=running)
    if running == Running.MIGRATE:
        version = VersionRef(automation_id=done.automation.id, version_id=done.version_id)
        await product.client.execute_workflow(
            MIGRATE_WORKFLOW, version, id=migrate_runs_id(done.version_id), task_queue=QUEUE
        )


async def _sleeping(product: Product) -> dict[str, Any]:
    await product.publish(TWO_MAILS)
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "waiting")
    return order


async def _sent(product: Product, order: dict[str, Any]) -> list[str]:
    return [one["step"] for one in await product.entries(order, "message") if one["state"] == "sent"]


async def test_a_pinned_run_ends_in_its_own_version(product: Product) -> None:
    order = await _sleeping(product)
    await _publish(product, NEWER, Running.PINNED)
    run = await product.wait_for_run(order, "done")
    assert (await _sent(product, order), run["version"]) == (["first"], 1)


async def test_a_migrated_run_keeps_its_due_moment_and_goes_on_in_the_new_version(product: Product) -> None:
    order = await _sleeping(product)
    due = (await product.wait_for_run(order, "waiting"))["dueAt"]
    await _publish(product, NEWER, Running.MIGRATE)
    moved = await product.wait_for(order, "run", lambda runs: runs[0]["version"] == 2)
    assert moved[0]["dueAt"] == due
    await product.wait_for_run(order, "done")
    assert await _sent(product, order) == ["before", "first"]


async def test_a_run_whose_step_is_gone_stays_in_its_version(product: Product) -> None:
    order = await _sleeping(product)
    await _publish(product, NEWER.replace("id: pause", "id: other"), Running.MIGRATE)
    run = await product.wait_for_run(order, "done")
    assert (await _sent(product, order), run["version"]) == (["first"], 1)


async def test_a_drained_run_stops_before_its_next_send(product: Product, smtp_server: SmtpServer) -> None:
    order = await _sleeping(product)
    await _publish(product, NEWER, Running.DRAIN)
    stopped = await product.wait_for_run(order, "stopped")
    assert stopped["stop"]["kind"] == "drained"
    assert smtp_server.messages == []


async def test_archiving_ends_sleeping_runs_at_once(product: Product, smtp_server: SmtpServer) -> None:
    await product.publish(TWO_MAILS.replace("3s", "30d"))
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "waiting")
    async with product.database.transaction() as session:
        found = await automations.find(session, "Two mails")
        await automations.set_state(session, found, AutomationState.ARCHIVED)
    await product.client.execute_workflow(
        ARCHIVE_WORKFLOW, AutomationRef(automation_id=found.id), id=end_runs_id(found.id), task_queue=QUEUE
    )
    assert (await product.wait_for_run(order, "stopped"))["stop"]["kind"] == "archived"
    assert smtp_server.messages == []
