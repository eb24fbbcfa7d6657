"""What providers tell afterwards reaches the ledger, suppressions and automations; each event acts once."""

from sqlalchemy import text

from tests.builders import THANKS, an_order
from tests.feedback.providers import a_sent_message, from_resend, from_sendgrid, from_twilio, shown
from tests.product import Product
from tests.servers import SmtpServer, Trouble

_CLICKED = """
name: Clicked
start: { event: messageClicked, where: { field: event.url, op: contains, value: cup } }
steps:
  - send: { id: more, channel: email, template: review }
"""
_WAITS = """
name: Waits
start: { event: orderDELIVERED }
steps:
  - get_order: {}
  - send: { id: thanks, channel: email, template: thanks }
  - wait_for: { id: read, event: messageOpened, timeout: 10d, then: [ { send: { id: more, channel: email,
      template: review } } ] }
"""


async def test_a_message_goes_forward_only_and_an_event_counts_once(product: Product) -> None:
    _, message = await a_sent_message(product)
    first = await from_resend(product, "opened", message, event="msg_1")
    assert (first.status_code, first.json()["recorded"]) == (200, 1)
    assert (await from_resend(product, "opened", message, event="msg_1")).json()["duplicate"] == 1
    assert (await from_resend(product, "delivered", message)).json()["recorded"] == 1
    assert (await shown(product, message))["state"] == "opened"
    other = {"id": "00000000-0000-0000-0000-000000000001"}
    assert (await from_resend(product, "delivered", other)).json()["unknown"] == 1
    assert (await from_resend(product, "delivery_delayed", message)).json()["ignored"] == 1
    async with product.database.transaction() as session:
        told = dict((await session.execute(text("SELECT outcome, count FROM feedback_tally"))).all())
    assert told == {"duplicate": 1, "unknown": 1, "ignored": 1}


async def test_a_wrong_signature_changes_nothing(product: Product) -> None:
    _, message = await a_sent_message(product)
    wrong = await from_resend(product, "delivered", message, secret="whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "bad_signature")
    mapped = await from_sendgrid(product, {"event": "delivered", "ordercue": message["id"]}, secret="other")
    assert mapped.status_code == 401
    assert (await product.http.post("/feedback/nobody", json={})).status_code == 404
    assert (await shown(product, message))["state"] == "sent"


async def test_a_hard_bounce_keeps_later_messages_from_the_address_and_a_soft_one_does_not(product: Product) -> None:
    order, message = await a_sent_message(product)
    soft = {"bounce": {"message": "full", "subType": "MailboxFull", "type": "Transient"}}
    await from_resend(product, "bounced", message, **soft)
    assert (await shown(product, message))["reason"] == {"code": "soft_bounce", "detail": "Transient MailboxFull"}
    again = an_order(externalCustomerId=order["externalCustomerId"], email=order["email"])
    await product.post(again)
    await product.wait_for(again, "message", lambda found: [one["state"] for one in found] == ["sent"], seconds=60)
    hard = {"bounce": {"message": f"{order['email']} unknown", "subType": "General", "type": "Permanent"}}
    await from_resend(product, "bounced", message, **hard)
    last = an_order(externalCustomerId=order["externalCustomerId"], email=order["email"])
    await product.post(last)
    found = await product.wait_for(last, "message", lambda found: bool(found and found[0]["reason"]), seconds=60)
    assert (found[0]["state"], found[0]["reason"]["code"]) == ("skipped", "suppressed")


async def test_a_webhook_settles_a_message_whose_outcome_was_unknown(product: Product, smtp_server: SmtpServer) -> None:
    smtp_server.fail(Trouble.DROP_AFTER_DATA, times=1)
    _, message = await a_sent_message(product)
    assert message["state"] == "unknown"
    await from_resend(product, "sent", message)
    found = await shown(product, message)
    assert (found["state"], found["reason"]) == ("sent", None)
    assert found["provider_id" if "provider_id" in found else "providerId"] == "56761188-7520-42d8-8898-ff6fc54ce618"


async def test_a_click_starts_an_automation_for_the_order_of_the_message(
    product: Product, smtp_server: SmtpServer
) -> None:
    await product.publish(_CLICKED)
    order, message = await a_sent_message(product)
    for number, link in enumerate(("https://shop.example/bowl", "https://shop.example/cup")):
        click = {"ipAddress": "1.2.3.4", "link": link, "timestamp": "2026-11-22T23:41:12Z", "userAgent": "x"}
        await from_resend(product, "clicked", message, event=f"msg_{number}", click=click)
    await smtp_server.wait_for(2, seconds=60)
    subjects = {str(one["Subject"]) for one in smtp_server.sent_to(order["email"])}
    assert f"How was order {order['externalOrderId']}?" in subjects


async def test_a_run_waits_for_the_open(product: Product, smtp_server: SmtpServer) -> None:
    await product.publish(_WAITS)
    order = an_order()
    await product.post(order)
    await product.wait_for(order, "run", lambda runs: [one["state"] for one in runs] == ["waiting"], seconds=60)
    await from_resend(product, "opened", (await product.entries(order, "message"))[0])
    await product.wait_for(order, "run", lambda runs: [one["state"] for one in runs] == ["done"], seconds=60)
    assert len(smtp_server.messages) == 2


async def test_twilio_signs_the_public_address_and_its_parameters(product: Product) -> None:
    _, message = await a_sent_message(product)
    told = await from_twilio(product, "delivered", message["id"])
    assert (told.status_code, told.json()["recorded"]) == (200, 1)
    assert (await from_twilio(product, "delivered", message["id"])).json()["duplicate"] == 1
    await from_twilio(product, "undelivered", message["id"], ErrorCode="30005")
    found = await shown(product, message)
    assert (found["state"], found["reason"]) == ("bounced", {"code": "hard_bounce", "detail": "30005"})
    wrong = await product.http.post(
        "/feedback/twilio", data={"MessageSid": "x"}, headers={"Authorization": "", "X-Twilio-Signature": "x"}
    )
    assert wrong.status_code == 401


async def test_a_list_of_events_is_read_as_the_file_of_providers_says(product: Product) -> None:
    await product.publish(THANKS)
    order, message = await a_sent_message(product)
    shared = {"email": order["email"], "timestamp": 1795600000, "ordercue": message["id"]}
    events = [
        {**shared, "sg_event_id": "a", "event": "delivered"},
        {**shared, "sg_event_id": "b", "event": "click", "url": "https://shop.example/cup"},
        {**shared, "sg_event_id": "a", "event": "delivered"},
        {**shared, "sg_event_id": "c", "event": "processed"},
    ]
    answer = (await from_sendgrid(product, *events)).json()
    assert {name: answer[name] for name in ("recorded", "duplicate", "ignored")} == {
        "recorded": 2,
        "duplicate": 1,
        "ignored": 1,
    }
    assert (await shown(product, message))["state"] == "clicked"
