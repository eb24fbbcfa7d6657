"""A stop that comes from elsewhere (another order, an event, an unsubscription) is seen, or waits for the claim."""

import asyncio
from typing import Any

from sqlalchemy import text

from store.custom_events import NewEvent, record_events
from store.suppressions import suppress
from store.unsubscriptions import unsubscribe
from tests.builders import an_order
from tests.product import Product
from tests.sending.conftest import Held
from tests.servers import SmtpServer

_ENDED = """
name: Ended from elsewhere
start: { event: orderDELIVERED }
stop:
  - { event: orderINITIALIZED, match: contact }
  - { event: calledOff }
  - { event: complained, match: contact }
steps:
  - send: { id: thanks, channel: email, template: thanks, topic: news }
"""
_GIVEN = """
name: To somebody else
start: { event: orderIN_PROGRESS }
steps:
  - send: { id: partner, channel: email, template: thanks, to: partner@example.com }
"""
_CONTACT = text('SELECT contact_id FROM "order" WHERE external_order_id = :key')
_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")

Order = dict[str, Any]  # Any: JSON


async def another_order(product: Product, order: Order) -> None:
    await product.post(an_order(email=order["email"], externalCustomerId=None, status="INITIALIZED"))


async def a_called_off_order(product: Product, order: Order) -> None:
    await _event(product, "calledOff", externalOrderId=order["externalOrderId"])


async def a_complaint(product: Product, order: Order) -> None:
    await _event(product, "complained", email=order["email"])


async def _event(product: Product, kind: str, **params: str) -> None:
    body = {"eventTypeKey": kind, "keyValue": "1", "params": [{"name": k, "value": v} for k, v in params.items()]}
    assert (await product.http.post("/api/v1/event", json=body)).status_code == 200


async def an_unsubscription(product: Product, order: Order) -> None:
    answer = await product.http.post("/api/v1/emails/unsubscribed/add", json={"emails": [order["email"]]})
    assert answer.status_code == 200


async def a_bounce_of_the_given_address(product: Product, _order: Order) -> None:
    async with product.database.transaction() as session:
        await suppress(session, "email", ["partner@example.com"], "bounced", provenance="test")


async def _wait_until_blocked(product: Product, work: asyncio.Future[Any] | None = None) -> None:
    """Until PostgreSQL lets somebody wait for a lock. Fails if the work is through before."""
    async with asyncio.timeout(60):
        while True:
            assert work is None or not work.done(), "it did not wait for the claim"
            async with product.database.transaction() as session:
                if await session.scalar(_WAITING):
                    return
            await asyncio.sleep(0.02)


async def test_a_stop_is_committed_after_the_claim_that_did_not_see_it(
    product: Product, smtp_server: SmtpServer, after_look: Held
) -> None:
    await product.publish(_ENDED)
    await product.publish(_GIVEN)
    stops = [another_order, a_called_off_order, a_complaint, an_unsubscription, a_bounce_of_the_given_address]
    for number, stop in enumerate(stops, 1):
        order = an_order(status="IN_PROGRESS" if stop is a_bounce_of_the_given_address else "DELIVERED")
        await product.post(order)
        await after_look.come()
        stopping = asyncio.ensure_future(stop(product, order))
        await _wait_until_blocked(product, stopping)
        after_look.pass_on()
        async with asyncio.timeout(60):
            await stopping
        await smtp_server.wait_for(number)
        assert (await product.entries(order, "message"))[0]["state"] in {"sending", "sent"}


async def test_a_claim_that_comes_while_a_stop_is_being_committed_sees_it(
    product: Product, smtp_server: SmtpServer, before_claim: Held
) -> None:
    await product.publish(_ENDED)
    for kind, code in (("complained", "run_stopped"), ("unsubscribed", "unsubscribed")):
        order = an_order()
        await product.post(order)
        await before_claim.come()
        async with product.database.transaction() as session:
            if kind == "unsubscribed":
                await unsubscribe(session, "email", [order["email"]])
            else:
                contact_id = await session.scalar(_CONTACT, {"key": order["externalOrderId"]})
                await record_events(session, "test", [NewEvent(kind, "1", contact_id=contact_id)])
            before_claim.pass_on()
            await _wait_until_blocked(product)
        found = await product.wait_for(order, "message", lambda some: bool(some) and some[0]["state"] == "skipped")
        assert found[0]["reason"]["code"] == code
    assert smtp_server.messages == []
