"""What forbids a mail at the last moment, and what only holds it."""

from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from cli.ports import free_port
from core.contracts import QUEUE, RESUME_WORKFLOW, AutomationRef, resume_automation_id
from core.settings import Settings
from store import automations
from store.tables.automation import AutomationState
from tests.builders import DELIVERED_REVIEW, THANKS, an_order
from tests.product import Product, running_product
from tests.servers import SmtpServer


async def _set_state(product: Product, name: str, state: AutomationState) -> AutomationRef:
    async with product.database.transaction() as session:
        found = await automations.find(session, name)
        await automations.set_state(session, found, state)
        return AutomationRef(automation_id=found.id)


async def _resume(product: Product, name: str) -> None:
    automation = await _set_state(product, name, AutomationState.LIVE)
    await product.client.execute_workflow(
        RESUME_WORKFLOW, automation, id=resume_automation_id(automation.automation_id), task_queue=QUEUE
    )


async def _suppress(product: Product, address: str) -> None:
    async with product.database.transaction() as session:
        await session.execute(
            text("INSERT INTO suppression (channel, address, reason) VALUES ('email', :address, 'unsubscribed')"),
            {"address": address},
        )


async def test_a_suppressed_address_gets_nothing(product: Product, smtp_server: SmtpServer) -> None:
    await product.publish(THANKS)
    order = an_order()
    await _suppress(product, order["email"])
    await product.post(order)
    await product.wait_for_run(order, "done")
    message = (await product.entries(order, "message"))[0]
    assert (message["state"], message["reason"]["code"]) == ("skipped", "unsubscribed")
    assert smtp_server.messages == []


async def test_an_unsubscribed_contact_ends_a_run_that_says_so(product: Product) -> None:
    await product.publish(DELIVERED_REVIEW.replace("stop:\n", "stop:\n  - { unsubscribed: email }\n"))
    order = an_order()
    await _suppress(product, order["email"])
    await product.post(order)
    stop = (await product.wait_for_run(order, "stopped"))["stop"]
    assert (stop["reason"], stop["rule"]) == ("unsubscribed from email", "stop[0]")


async def test_a_late_message_is_skipped(product: Product, smtp_server: SmtpServer) -> None:
    yaml = DELIVERED_REVIEW.replace('for: 14d, at: "10:00"', "for: 1s").replace("not_after: 3d", "not_after: 1s")
    await product.publish(yaml)
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "waiting")
    await _set_state(product, "Delivered, thank you and review request", AutomationState.PAUSED)
    await product.wait_for(order, "message", lambda found: [one["state"] for one in found] == ["sent", "pending"])
    async with product.database.transaction() as session:
        await session.execute(text("SELECT pg_sleep(1.2)"))  # by now it is later than the step allows
    await _resume(product, "Delivered, thank you and review request")
    await product.wait_for_run(order, "done")
    late = (await product.entries(order, "message"))[1]
    assert (late["state"], late["reason"]["code"]) == ("skipped", "too_late")
    assert len(smtp_server.messages) == 1


async def test_a_pause_holds_launches_and_resume_lets_them_go(product: Product, smtp_server: SmtpServer) -> None:
    await product.publish(THANKS)
    await _set_state(product, "Thanks", AutomationState.PAUSED)
    order = an_order()
    await product.post(order)
    held = await product.wait_for(order, "decision", bool)
    assert (held[0]["outcome"], held[0]["reason"]["held"]) == ("started", True)
    assert (await product.entries(order, "run"))[0]["state"] == "pending"
    await _resume(product, "Thanks")
    await product.wait_for_run(order, "done")
    assert len(smtp_server.messages) == 1


async def test_a_dead_mail_server_is_waited_for(live_settings: Settings, temporal_env: WorkflowEnvironment) -> None:
    server = SmtpServer()
    server.port = free_port(0)
    settings = live_settings.model_copy(update={"smtp_port": server.port})
    async with running_product(settings, temporal_env.client) as product:
        await product.publish(THANKS)
        order = an_order()
        await product.post(order)
        waiting = await product.wait_for(
            order, "message", lambda found: [one["state"] for one in found] == ["pending"] and bool(found[0]["reason"])
        )
        assert waiting[0]["reason"]["detail"]
        async with server.running():
            await product.wait_for_run(order, "done")
            assert len(server.messages) == 1
