"""Each thing that forbids or moves a message has its own code."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from core.contracts import automation_run_id, fairness_key
from core.settings import Settings
from store import automations
from store.providers import disable_store
from store.tables.automation import AutomationState
from tests.builders import THANKS, an_order
from tests.product import Product, running_product
from tests.sending.conftest import Held
from tests.servers import SmtpServer

_TWICE = """
name: Twice
start: { event: orderDELIVERED }
stop:
  - { event: orderCANCELLED }
steps:
  - get_order: {}
  - send: { id: first, channel: email, template: thanks, cap: { at_most: 1, days: 7 } }
  - send: { id: second, channel: email, template: thanks, cap: { at_most: 1, days: 7 } }
  - send: { id: third, channel: email, template: thanks, cap: { at_most: 1, days: 7 }, obligatory: true }
"""

_AT_ANY_TIME = THANKS.replace(
    "  - send:",
    "  - send: { id: alarm, channel: email, template: thanks, window: none }\n"
    "  - send: { id: status, channel: email, template: thanks, obligatory: true }\n  - send:",
)


async def _outcomes(product: Product, order: dict[str, object]) -> list[tuple[str, str | None]]:
    await product.wait_for(order, "run", lambda runs: bool(runs) and runs[0]["state"] in {"done", "stopped"})
    found = await product.entries(order, "message")
    return [(one["state"], (one["reason"] or {}).get("code")) for one in found]


async def test_a_step_cap_skips_what_is_too_many_and_lets_the_obligatory_through(product: Product) -> None:
    await product.publish(_TWICE)
    order = an_order()
    await product.post(order)
    assert await _outcomes(product, order) == [("sent", None), ("skipped", "frequency_cap"), ("sent", None)]


async def test_two_orders_of_one_contact_at_once_get_as_many_messages_as_the_account_allows(
    live_settings: Settings, temporal_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> None:
    capped = live_settings.model_copy(update={"frequency_cap_messages": 2, "frequency_cap_days": 1})
    async with running_product(capped, temporal_env.client) as product:
        await product.publish(THANKS)
        first = an_order()
        orders = [an_order(externalCustomerId=first["externalCustomerId"], email=first["email"]) for _ in range(8)]
        await product.post(*orders)
        codes = [one for order in orders for one in await _outcomes(product, order)]
    assert sorted(codes, key=str) == [("sent", None)] * 2 + [("skipped", "frequency_cap")] * 6
    assert len(smtp_server.messages) == 2


@pytest.mark.parametrize("why", ["bounced", "complained"])
async def test_an_address_that_bounced_or_complained_is_suppressed_even_for_the_obligatory(
    why: str, product: Product
) -> None:
    await product.publish(THANKS.replace("template: thanks", "template: thanks, obligatory: true"))
    order = an_order()
    async with product.database.transaction() as session:
        await session.execute(
            text("INSERT INTO suppression (channel, address, reason) VALUES ('email', :address, :why)"),
            {"address": order["email"], "why": why},
        )
    await product.post(order)
    assert await _outcomes(product, order) == [("skipped", "suppressed")]
    assert (await product.entries(order, "message"))[0]["reason"]["detail"] == why


async def test_orders_of_a_shop_that_is_switched_off_send_nothing(product: Product) -> None:
    await product.publish(THANKS)
    async with product.database.transaction() as session:
        await disable_store(session, "42", "closed")
    closed, open_ = an_order(storeId="42"), an_order(storeId="43")
    await product.post(closed, open_)
    assert await _outcomes(product, closed) == [("skipped", "store_disabled")]
    assert await _outcomes(product, open_) == [("sent", None)]
    assert await _fairness_keys(product, open_) == {fairness_key("43")}


async def _fairness_keys(product: Product, order: dict[str, object]) -> set[str]:
    """By which Temporal divides the rate of the order's messages."""
    run = (await product.entries(order, "run"))[0]
    history = await product.client.get_workflow_handle(automation_run_id(UUID(run["id"]))).fetch_history()
    tasks = [one.activity_task_scheduled_event_attributes for one in history.events]
    return {task.priority.fairness_key for task in tasks if task.activity_type.name == "send_message"}


async def test_a_status_that_came_meanwhile_and_an_archived_automation_have_codes_of_their_own(
    product: Product, smtp_server: SmtpServer, before_claim: Held
) -> None:
    await product.publish(_TWICE)
    cancelled, archived = an_order(), an_order()
    await product.post(cancelled)
    await before_claim.come()
    await product.post(cancelled | {"status": "CANCELLED"})
    before_claim.pass_on()
    assert (await _outcomes(product, cancelled))[0] == ("skipped", "order_status")
    await product.post(archived)
    await before_claim.come()
    async with product.database.transaction() as session:
        await automations.set_state(session, await automations.find(session, "Twice"), AutomationState.ARCHIVED)
    before_claim.pass_on()
    assert await _outcomes(product, archived) == [("skipped", "archived")]
    assert smtp_server.messages == []


async def test_without_an_address_it_is_skipped(product: Product) -> None:
    await product.publish(THANKS)
    order = an_order(email=None)
    await product.post(order)
    assert await _outcomes(product, order) == [("skipped", "no_address")]


async def test_outside_of_the_allowed_time_only_what_heeds_no_window_and_the_obligatory_is_sent(
    live_settings: Settings, temporal_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> None:
    opens = datetime.now(UTC) + timedelta(hours=3)
    window = f"{opens:%H:%M}-{opens + timedelta(hours=2):%H:%M}"
    async with running_product(
        live_settings.model_copy(update={"account_window": window}), temporal_env.client
    ) as product:
        await product.publish(_AT_ANY_TIME)
        order = an_order()
        await product.post(order)
        found = await product.wait_for(order, "message", lambda found: bool(len(found) == 3 and found[2]["reason"]))
        assert [one["state"] for one in found] == ["sent", "sent", "pending"]
        assert found[2]["reason"]["code"] == "outside_window"
        run = (await product.wait_for(order, "run", lambda runs: runs[0]["state"] == "waiting"))[0]
        due = datetime.fromisoformat(run["dueAt"])
        assert timedelta(hours=2, minutes=58) < due - datetime.now(UTC) <= timedelta(hours=3)
    assert len(smtp_server.messages) == 2
