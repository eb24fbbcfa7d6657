"""What forbids a mail at the last moment, and what only holds it."""

from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from cli.ports import free_port
from core.settings import Settings
from tests.builders import DELIVERED_REVIEW, THANKS, an_order
from tests.product import Product, running_api, running_product
from tests.servers import SmtpServer
from worker.main import running_workers


async def _do(product: Product, name: str, action: str) -> None:
    response = await product.http.post(f"/api/v1/automations/{name}/{action}")
    assert (response.status_code, response.json()["changed"]) == (200, True), response.text


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


async def test_a_run_of_who_had_unsubscribed_before_ends_at_its_first_step(product: Product) -> None:
    waits = DELIVERED_REVIEW.replace("steps:\n", "steps:\n  - wait: { id: first, for: 14d }\n")
    await product.publish(waits.replace("stop:\n", "stop:\n  - { unsubscribed: email }\n"))
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
    await _do(product, "Delivered, thank you and review request", "pause")
    await product.wait_for(order, "message", lambda found: [one["state"] for one in found] == ["sent", "pending"])
    async with product.database.transaction() as session:
        await session.execute(text("SELECT pg_sleep(1.2)"))  # by now it is later than the step allows
    await _do(product, "Delivered, thank you and review request", "resume")
    await product.wait_for_run(order, "done")
    late = (await product.entries(order, "message"))[1]
    assert (late["state"], late["reason"]["code"]) == ("skipped", "too_late")
    assert len(smtp_server.messages) == 1


async def test_a_pause_holds_launches_and_resume_lets_them_go(product: Product, smtp_server: SmtpServer) -> None:
    await product.publish(THANKS)
    await _do(product, "Thanks", "pause")
    order = an_order()
    await product.post(order)
    held = await product.wait_for(order, "decision", bool)
    assert (held[0]["outcome"], held[0]["reason"]["held"]) == ("started", True)
    assert (await product.entries(order, "run"))[0]["state"] == "pending"
    await _do(product, "Thanks", "resume")
    await product.wait_for_run(order, "done")
    assert len(smtp_server.messages) == 1


async def test_a_launch_that_a_pause_held_is_as_late_as_its_event(product: Product, smtp_server: SmtpServer) -> None:
    await product.publish(THANKS.replace("template: thanks", "template: thanks, not_after: 1s"))
    await _do(product, "Thanks", "pause")
    order = an_order()
    await product.post(order)
    await product.wait_for(order, "decision", bool)
    async with product.database.transaction() as session:
        await session.execute(text("SELECT pg_sleep(1.2)"))  # by now it is later than the step allows
    await _do(product, "Thanks", "resume")
    await product.wait_for_run(order, "done")
    (late,) = await product.entries(order, "message")
    assert (late["state"], late["reason"]["code"]) == ("skipped", "too_late")
    assert smtp_server.messages == []


async def test_while_workers_were_away_a_message_became_as_late_as_its_event(
    live_settings: Settings, temporal_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> None:
    client = temporal_env.client
    async with running_api(live_settings, client) as product:
        await product.publish(THANKS.replace("template: thanks", "template: thanks, not_after: 1s"))
        await product.publish(THANKS.replace("name: Thanks", "name: Whenever"))
        order = an_order()
        await product.post(order)
        async with product.database.transaction() as session:
            await session.execute(text("SELECT pg_sleep(1.2)"))  # nobody works
        async with running_workers(client, live_settings):
            await product.wait_for(order, "run", lambda runs: [run["state"] for run in runs] == ["done", "done"])
        told = {one["automation"]: one for one in await product.entries(order, "message")}
    assert (told["Thanks"]["state"], told["Thanks"]["reason"]["code"]) == ("skipped", "too_late")
    assert told["Whenever"]["state"] == "sent"
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
