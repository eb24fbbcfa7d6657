"""A test launch: a real run that is marked everywhere and counted nowhere."""

import asyncio
from typing import Any

from sqlalchemy import text

from tests.builders import DELIVERED_REVIEW, THANKS, an_order
from tests.product import Product
from tests.servers import SmtpServer

_REVIEW = "Delivered, thank you and review request"


async def _test(product: Product, name: str, **body: Any) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while "order" in body:
            if (await product.http.get(f"/api/v1/orders/{body['order']}")).json()["contactId"]:
                break
            await asyncio.sleep(0.05)
    response = await product.http.post(f"/api/v1/automations/{name}/test", json=body)
    assert response.status_code == 202, response.text
    return response.json()


async def test_it_sends_every_message_at_once_to_the_test_address(product: Product, smtp_server: SmtpServer) -> None:
    order = an_order(status="IN_PROGRESS")
    await product.post(order)
    await product.publish(DELIVERED_REVIEW)
    await _test(product, _REVIEW, order=order["externalOrderId"], to="me@shop.example", skip_waits=True)
    run = await product.wait_for_run(order, "done")
    mails = await smtp_server.wait_for(2)
    assert [mail["To"] for mail in mails] == ["me@shop.example"] * 2
    assert [mail["Subject"] for mail in mails] == [
        "[TEST] Дякуємо, Olena",
        f"[TEST] How was order {order['externalOrderId']}?",
    ]
    assert run["sentence"].startswith("TEST: ")
    assert {message["test"] for message in await product.entries(order, "message")} == {True}


async def test_without_another_address_it_goes_to_the_contact_and_does_not_hold_the_real_launch_back(
    product: Product, smtp_server: SmtpServer
) -> None:
    order = an_order(status="INITIALIZED")
    await product.post(order)
    await product.publish(THANKS)
    told = await _test(product, "Thanks", order=order["externalOrderId"])
    assert "does not start this automation" in told["note"]
    await product.wait_for_run(order, "done")
    await product.post(order | {"status": "DELIVERED"})
    await product.wait_for(order, "run", lambda runs: [run["state"] for run in runs] == ["done", "done"])
    mails = await smtp_server.wait_for(2)
    assert [mail["Subject"] for mail in mails] == ["[TEST] Дякуємо, Olena", "Дякуємо, Olena"]
    assert [mail["To"] for mail in mails] == [order["email"]] * 2  # without an address of its own a test is real


async def test_a_pasted_event_is_tried_without_any_order_of_the_shop(product: Product, smtp_server: SmtpServer) -> None:
    await product.publish(THANKS)
    event = {"type": "orderDELIVERED", "key": "A-1", "order": {"externalOrderId": "A-1", "totalCost": 12.5}}
    told = await _test(product, "Thanks", event=event, to="me@shop.example")
    mail = (await smtp_server.wait_for(1))[0]
    assert "A-1: 12.5" in mail.get_body(("plain",)).get_content()
    workflow = await product.client.get_workflow_handle(told["workflowId"]).describe()
    assert (await workflow.static_summary() or "").startswith("TEST · ")
    async with product.database.transaction() as session:
        counted = await session.scalar(
            text("SELECT (SELECT count(*) FROM decision) + (SELECT count(*) FROM unmatched)")
        )
        audited = await session.scalar(text("SELECT actor FROM audit_log WHERE action = 'automation.test'"))
    assert counted == 0
    assert audited.startswith("key:")


async def test_a_paused_automation_can_be_tested_and_a_wrong_body_is_told(product: Product) -> None:
    await product.publish(THANKS)
    for body, field in (({}, "body"), ({"order": "A-1", "to": "a b"}, "to"), ({"order": "A", "event": {}}, "event")):
        response = await product.http.post("/api/v1/automations/Thanks/test", json=body)
        assert response.status_code == 400, (body, field)
        assert response.json()["code"] == "invalid_request"
    assert (await product.http.post("/api/v1/automations/Thanks/test", json={"order": "none"})).status_code == 404
