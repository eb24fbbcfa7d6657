"""A message whose outcome is unknown is settled by an operator."""

from typing import Any

import pytest

from store.unsubscriptions import unsubscribe
from tests.builders import THANKS, an_order
from tests.product import Product
from tests.servers import SmtpServer, Trouble


@pytest.fixture
async def unknown(product: Product, smtp_server: SmtpServer) -> tuple[dict[str, Any], dict[str, Any]]:
    """An order and its message, after which the server hung up without an answer."""
    smtp_server.fail(Trouble.DROP_AFTER_DATA, times=1)
    await product.publish(THANKS)
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "done")
    message = (await product.entries(order, "message"))[0]
    assert message["state"] == "unknown"
    return order, message


async def _resolve(product: Product, message: dict[str, Any], outcome: str) -> Any:
    return await product.http.post(f"/api/v1/messages/{message['id']}/resolve", json={"outcome": outcome})


async def test_it_arrived(product: Product, unknown: tuple[dict[str, Any], dict[str, Any]]) -> None:
    _, message = unknown
    answer = await _resolve(product, message, "sent")
    assert (answer.status_code, answer.json()["state"]) == (200, "sent")
    again = await _resolve(product, message, "resend")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


async def test_it_is_sent_again_once_with_the_same_id(
    product: Product, unknown: tuple[dict[str, Any], dict[str, Any]], smtp_server: SmtpServer
) -> None:
    order, message = unknown
    for _ in range(2):
        answer = await _resolve(product, message, "resend")
        assert answer.status_code in {200, 409}, answer.text
    await product.wait_for(order, "message", lambda found: found[0]["state"] == "sent")
    first, second = await smtp_server.wait_for(2)
    assert first["Message-ID"] == second["Message-ID"]
    assert len(smtp_server.messages) == 2


async def test_it_is_not_sent_again_to_who_unsubscribed_since(
    product: Product, unknown: tuple[dict[str, Any], dict[str, Any]], smtp_server: SmtpServer
) -> None:
    order, message = unknown
    async with product.database.transaction() as session:
        await unsubscribe(session, "email", [order["email"]])
    await _resolve(product, message, "resend")
    found = await product.wait_for(order, "message", lambda found: found[0]["state"] == "skipped")
    assert found[0]["reason"]["code"] == "unsubscribed"
    assert len(smtp_server.messages) == 1


async def test_the_ledger_is_listed_by_state_in_pages(
    product: Product, unknown: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    _, message = unknown
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "done")
    first = (await product.http.get("/api/v1/messages", params={"limit": 1})).json()
    second = (await product.http.get("/api/v1/messages", params={"limit": 1, "cursor": first["nextCursor"]})).json()
    assert [first["messages"][0]["state"], second["messages"][0]["state"]] == ["sent", "unknown"]
    assert second["nextCursor"] is None
    found = (await product.http.get("/api/v1/messages", params={"state": "unknown"})).json()["messages"]
    assert [one["id"] for one in found] == [message["id"]]
    shown = (await product.http.get(f"/api/v1/messages/{message['id']}")).json()
    assert shown["content"]["subject"].startswith("Дякуємо")
    assert (await product.http.get("/api/v1/messages?status=unknown")).status_code == 400
