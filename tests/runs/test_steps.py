"""Each step does what the language says, in the whole product."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from tests.builders import an_order
from tests.product import Product
from tests.runs.waiting import results, waits_for_event
from tests.servers import SmtpServer

FEEDBACK = """
name: Feedback
start: { event: orderDELIVERED }
steps:
  - get_order: {}
  - wait_for:
      id: cancel
      event: orderCANCELLED
      where: { field: order.totalCost, op: gte, value: 100 }
      timeout: %s
      then:
        - send: { id: sorry, channel: email, template: thanks }
      else:
        - send: { id: fine, channel: email, template: review }
"""


def _sent(messages: list[dict[str, Any]]) -> list[str]:
    return [one["step"] for one in messages if one["state"] == "sent"]


async def test_an_awaited_event_of_the_order_wakes_the_run_at_once(product: Product) -> None:
    await product.publish(FEEDBACK % "30d")
    order = an_order()
    await product.post(order)
    await waits_for_event(product, "cancel")
    await product.post(order | {"status": "CANCELLED"})
    run = await product.wait_for_run(order, "done")
    assert _sent(await product.entries(order, "message")) == ["sorry"]
    assert (await results(product, run))["cancel"] == {"branch": "then"}
    outcomes = [one["outcome"] for one in await product.entries(order, "decision")]
    assert outcomes.count("signalled") == 1


async def test_without_the_event_the_timeout_decides(product: Product) -> None:
    await product.publish(FEEDBACK % "1s")
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "done")
    assert _sent(await product.entries(order, "message")) == ["fine"]


async def test_an_event_that_the_condition_refuses_wakes_nobody(product: Product) -> None:
    await product.publish(FEEDBACK % "30d")
    order = an_order()
    await product.post(order)
    await waits_for_event(product, "cancel")
    await product.post(order | {"status": "CANCELLED", "totalCost": 5, "items": []})
    await product.wait_for(order, "event", lambda events: len(events) == 2)
    run = (await product.entries(order, "run"))[0]
    assert (run["state"], run["step"]) == ("waiting", "cancel")
    assert run["dueAt"]


async def test_a_later_step_sees_what_became_of_a_message(product: Product) -> None:
    await product.publish("""
        name: Check
        start: { event: orderDELIVERED }
        steps:
          - get_order: {}
          - send: { id: thanks, channel: email, template: thanks }
          - check_message:
              id: arrived
              state: sent
              then: [ { send: { id: more, channel: email, template: review } } ]
    """)
    order = an_order()
    await product.post(order)
    run = await product.wait_for_run(order, "done")
    assert _sent(await product.entries(order, "message")) == ["thanks", "more"]
    assert (await results(product, run))["arrived"]["branch"] == "then"


async def test_update_contact_is_seen_by_the_next_condition_and_a_stop_step_ends_the_run(
    product: Product, smtp_server: SmtpServer
) -> None:
    await product.publish("""
        name: Name
        start: { event: orderDELIVERED }
        steps:
          - get_order: {}
          - update_contact: { id: note, set: { firstName: Тарас, stage: "bought ${status}" } }
          - if:
              where: { field: contact.fields.stage, op: eq, value: bought DELIVERED }
              then: [ { send: { id: thanks, channel: email, template: thanks } } ]
          - stop: { reason: "told of ${status}" }
    """)
    order = an_order()
    await product.post(order)
    stop = (await product.wait_for_run(order, "stopped"))["stop"]
    assert (stop["kind"], stop["reason"]) == ("step", "told of DELIVERED")
    assert [mail["Subject"] for mail in smtp_server.messages] == ["Дякуємо, Тарас"]


async def test_an_emitted_event_starts_another_automation(product: Product) -> None:
    await product.publish("""
        name: First
        start: { event: orderDELIVERED }
        steps: [ { emit: { id: tell, event: vip, params: { level: "of ${status}" } } } ]
    """)
    await product.publish("""
        name: Second
        start: { event: vip, where: { field: event.level, op: eq, value: of DELIVERED } }
        steps:
          - get_order: {}
          - send: { id: thanks, channel: email, template: thanks }
    """)
    order = an_order()
    await product.post(order)
    await product.wait_for(order, "message", lambda messages: _sent(messages) == ["thanks"])


async def test_a_circle_of_events_is_cut_at_depth_10_and_says_so(product: Product) -> None:
    await product.publish("""
        name: Circle
        start: { event: [orderDELIVERED, again], unique: each_time }
        steps: [ { emit: { id: tell, event: again } } ]
    """)
    order = an_order()
    await product.post(order)
    decisions = await product.wait_for(
        order,
        "decision",
        lambda told: any(one["reason"]["code"] == "emitted_too_deep" for one in told),
        seconds=90,
    )
    assert len([one for one in decisions if one["outcome"] == "started"]) == 11


async def test_get_order_loads_the_orders_that_the_event_names(product: Product, smtp_server: SmtpServer) -> None:
    await product.publish("""
        name: Other
        start: { event: asked }
        steps:
          - get_order: { external_id: "${eventKey}" }
          - send: { id: by-key, channel: email, template: thanks }
          - get_order: { id: "${orderId}" }
          - send: { id: by-id, channel: email, template: thanks }
    """)
    named = [an_order(externalOrderId=key, totalCost=cost, items=[]) for key, cost in (("first", 77), ("second", 88))]
    await product.post(*named)
    async with product.database.transaction() as session:
        order_id = await session.scalar(text("SELECT id FROM \"order\" WHERE external_order_id = 'second'"))
    params = {"email": "who@example.com", "orderId": str(order_id)}
    event = {"eventTypeKey": "asked", "keyValue": "first", "params": [{"name": k, "value": params[k]} for k in params]}
    assert (await product.http.post("/api/v1/event", json=event)).status_code == 200
    said = [mail.get_body(("plain",)).get_content() for mail in await smtp_server.wait_for(2)]  # type: ignore[union-attr] # mails with text
    assert ["first: 77" in said[0], "second: 88" in said[1]] == [True, True]


async def test_a_message_outside_its_window_waits_until_it_opens(product: Product) -> None:
    """The window is open for one minute of the day, twelve hours from now."""
    opens = datetime.now(UTC) + timedelta(hours=12)
    closes = opens + timedelta(minutes=1)
    await product.publish(f"""
        name: Window
        start: {{ event: orderDELIVERED }}
        steps:
          - get_order: {{}}
          - send:
              id: thanks
              channel: email
              template: thanks
              window: {{ from: "{opens:%H:%M}", to: "{closes:%H:%M}" }}
    """)
    order = an_order()
    await product.post(order)
    run = await product.wait_for_run(order, "waiting")
    assert run["dueAt"].startswith(f"{opens:%Y-%m-%dT%H:%M}")
    message = (await product.entries(order, "message"))[0]
    assert (message["state"], message["reason"]["code"]) == ("pending", "outside_window")
