"""A run that sleeps until its contact unsubscribes goes another way at that moment."""

from sqlalchemy import text

from tests.builders import an_order
from tests.product import Product
from tests.runs.waiting import waits_for_event
from tests.servers import SmtpServer
from tests.shell import Shell

_DIVERTED = """
name: Diverted
start: { event: orderDELIVERED }
steps:
  - get_order: {}
  - send: { id: thanks, channel: email, template: thanks }
  - wait_for:
      id: leaves
      event: contactUnsubscribed
      match: contact
      where: { field: event.channel, op: eq, value: email }
      timeout: 30d
      then:
        - send: { id: last, channel: email, template: review, obligatory: true }
      else:
        - send: { id: news, channel: email, template: review }
"""


async def test_unsubscribing_wakes_a_run_that_waits_for_it(product: Product) -> None:
    await product.publish(_DIVERTED)
    order = an_order()
    await product.post(order)
    await waits_for_event(product, "leaves")
    left = await product.http.post("/api/v1/emails/unsubscribed/add", json={"emails": [order["email"]]})
    assert left.json()["added"] == 1
    await product.wait_for_run(order, "done")
    messages = await product.entries(order, "message")
    assert [(one["step"], one["state"]) for one in messages] == [("thanks", "sent"), ("last", "sent")]


async def test_one_click_is_an_event_once(product: Product, smtp_server: SmtpServer) -> None:
    await product.publish(_DIVERTED)
    order = an_order()
    await product.post(order)
    await waits_for_event(product, "leaves")
    link = str(smtp_server.messages[0]["List-Unsubscribe"]).strip("<>")
    for _ in range(2):
        done = await product.http.post(
            link.removeprefix(product.settings.public_url), data={"List-Unsubscribe": "One-Click"}
        )
        assert done.status_code == 200
    await product.wait_for_run(order, "done")
    async with product.database.transaction() as session:
        events = text("SELECT count(*) FROM order_event WHERE event_type = 'contactUnsubscribed'")
        assert await session.scalar(events) == 1


async def test_a_suppression_for_that_reason_is_the_event_too(product: Product) -> None:
    await product.publish(_DIVERTED)
    by_http, by_command = an_order(), an_order()
    await product.post(by_http)
    await waits_for_event(product, "leaves")
    body = {"addresses": [by_http["email"]], "reason": "unsubscribed"}
    assert (await product.http.post("/api/v1/suppressions/add", json=body)).json()["added"] == 1
    await product.wait_for_run(by_http, "done")
    await product.post(by_command)
    await waits_for_event(product, "leaves")
    words = ("suppressions", "add", str(by_command["email"]), "--reason", "unsubscribed")
    code, said, _ = await Shell(product.settings).run(*words)
    assert (code, "1 added" in said) == (0, True)
    await product.wait_for_run(by_command, "done")
    for order in (by_http, by_command):
        assert [one["step"] for one in await product.entries(order, "message")] == ["thanks", "last"]
