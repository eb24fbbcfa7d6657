"""What consent means for a message: links in it, headers on it, and whether it goes out at all."""

import pytest

from store.suppressions import ALL_TOPICS, confirm, reasons_of, resubscribe, suppress
from store.unsubscriptions import unsubscribe
from tests.builders import an_order
from tests.product import Product
from tests.servers import SmtpServer

NEWS = """
name: News
start: { event: orderDELIVERED }
steps:
  - send: { id: news, channel: email, template: thanks, topic: news }
  - send: { id: receipt, channel: email, template: thanks, obligatory: true }
"""


async def codes(product: Product, order: dict[str, object]) -> list[tuple[str, str | None]]:
    """State and reason of each message of the order."""
    await product.wait_for(
        order, "run", lambda runs: bool(runs) and runs[0]["state"] in {"done", "stopped"}, seconds=60
    )
    found = await product.entries(order, "message")
    return [(one["state"], (one["reason"] or {}).get("code")) for one in found]


async def test_marketing_carries_one_click_headers_and_the_obligatory_does_not(
    product: Product, smtp_server: SmtpServer
) -> None:
    await product.publish(NEWS)
    order = an_order()
    await product.post(order)
    assert await codes(product, order) == [("sent", None)] * 2
    news, receipt = smtp_server.messages
    link = str(news["List-Unsubscribe"])
    assert link.startswith(f"<{product.settings.public_url}/unsubscribe/")
    assert "\n" not in link
    assert news["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert receipt["List-Unsubscribe"] is None


@pytest.mark.parametrize("topic", [ALL_TOPICS, "news"])
async def test_who_unsubscribed_gets_the_obligatory_alone_until_taken_back(topic: str, product: Product) -> None:
    await product.publish(NEWS)
    order = an_order()
    async with product.database.transaction() as session:
        await unsubscribe(session, "email", [str(order["email"])], topic=topic, provenance="link")
    await product.post(order)
    assert await codes(product, order) == [("skipped", "unsubscribed"), ("sent", None)]
    async with product.database.transaction() as session:
        assert await resubscribe(session, "email", [str(order["email"])], topic=topic) == [order["email"]]
    again = an_order(email=order["email"], externalCustomerId=order["externalCustomerId"])
    await product.post(again)
    assert await codes(product, again) == [("sent", None)] * 2


async def test_another_topic_holds_nothing_back(product: Product) -> None:
    await product.publish(NEWS)
    order = an_order()
    async with product.database.transaction() as session:
        await unsubscribe(session, "email", [str(order["email"])], topic="offers")
    await product.post(order)
    assert await codes(product, order) == [("sent", None)] * 2


async def test_an_unconfirmed_address_gets_marketing_once_it_is_confirmed(product: Product) -> None:
    await product.publish(NEWS)
    order = an_order()
    email = str(order["email"])
    async with product.database.transaction() as session:
        await suppress(session, "email", [email], "unconfirmed", provenance="api")
    await product.post(order)
    assert await codes(product, order) == [("skipped", "unconfirmed"), ("sent", None)]
    async with product.database.transaction() as session:
        assert await confirm(session, "email", email, provenance="confirmation")
        assert not await confirm(session, "email", email, provenance="confirmation")
        assert await reasons_of(session, "email", email) == set()
    again = an_order(email=email, externalCustomerId=order["externalCustomerId"])
    await product.post(again)
    assert await codes(product, again) == [("sent", None)] * 2


async def test_a_bounce_holds_back_the_obligatory_too_and_outlives_a_resubscription(product: Product) -> None:
    await product.publish(NEWS)
    order = an_order()
    async with product.database.transaction() as session:
        await unsubscribe(session, "email", [str(order["email"])])
        await suppress(session, "email", [str(order["email"])], "bounced", provenance="provider")
        await resubscribe(session, "email", [str(order["email"])])
    await product.post(order)
    assert await codes(product, order) == [("skipped", "suppressed")] * 2
