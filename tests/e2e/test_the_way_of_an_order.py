from tests.builders import DELIVERED_REVIEW, THANKS, an_order
from tests.product import Product
from tests.servers import SmtpServer, Trouble


async def test_a_delivered_order_becomes_a_mail(product: Product, smtp_server: SmtpServer) -> None:
    await product.publish(THANKS)
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "done")

    mail = (await smtp_server.wait_for(1))[0]
    assert mail["To"] == order["email"]
    assert mail["Subject"] == "Дякуємо, Olena"
    parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
    assert "Чашка" in parts["text/html"]
    assert "Чашка" in parts["text/plain"]
    messages = await product.entries(order, "message")
    assert [(one["state"], one["attempts"]) for one in messages] == [("sent", 1)]
    assert messages[0]["id"] in mail["Message-ID"]


async def test_an_order_that_no_rule_wants_says_why(product: Product) -> None:
    await product.publish(DELIVERED_REVIEW)
    order = an_order(totalCost=12, items=None)
    await product.post(order)
    decision = (await product.wait_for(order, "decision", bool))[0]
    assert decision["outcome"] == "not_matched"
    assert "totalCost is 12" in decision["sentence"]


async def test_a_status_nobody_listens_to_is_explained_too(product: Product) -> None:
    await product.publish(DELIVERED_REVIEW)
    order = an_order(status="IN_PROGRESS")
    await product.post(order)
    decision = (await product.wait_for(order, "decision", bool))[0]
    assert decision["outcome"] == "not_matched"
    assert decision["reason"]["code"] == "other_event"


async def test_the_same_status_twice_starts_one_run(product: Product, smtp_server: SmtpServer) -> None:
    await product.publish(THANKS)
    order = an_order()
    await product.post(order)
    await product.post(order | {"totalCost": 201})
    decisions = await product.wait_for(order, "decision", lambda found: len(found) == 2)
    assert sorted(one["outcome"] for one in decisions) == ["started", "suppressed"]
    await product.wait_for_run(order, "done")
    assert len(smtp_server.messages) == 1


async def test_a_cancel_ends_a_sleeping_run_at_once(product: Product, smtp_server: SmtpServer) -> None:
    await product.publish(DELIVERED_REVIEW)
    order = an_order()
    await product.post(order)
    waiting = await product.wait_for_run(order, "waiting")
    assert waiting["dueAt"]
    await product.post(order | {"status": "CANCELLED"})
    stop = (await product.wait_for_run(order, "stopped"))["stop"]
    cancelled = (await product.entries(order, "event"))[1]
    assert (stop["kind"], stop["rule"], stop["reason"]) == ("rule", "stop[0]", "orderCANCELLED came")
    assert (stop["event_id"], cancelled["type"]) == (cancelled["id"], "orderCANCELLED")
    assert len(smtp_server.messages) == 1


async def test_another_order_of_the_contact_stops_the_run(product: Product) -> None:
    await product.publish(DELIVERED_REVIEW)
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "waiting")
    other = an_order(status="INITIALIZED", externalCustomerId=order["externalCustomerId"], email=order["email"])
    await product.post(other)
    await product.wait_for_run(order, "stopped")


async def test_start_and_stop_in_one_batch_send_nothing(product: Product, smtp_server: SmtpServer) -> None:
    await product.publish(DELIVERED_REVIEW)
    order = an_order()
    await product.post(order, order | {"status": "CANCELLED"})
    await product.wait_for_run(order, "stopped")
    assert smtp_server.messages == []


async def test_a_refused_mail_is_failed_and_the_run_goes_on(product: Product, smtp_server: SmtpServer) -> None:
    smtp_server.fail(Trouble.REFUSE)
    await product.publish(THANKS)
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "done")
    message = (await product.entries(order, "message"))[0]
    assert message["state"] == "failed"
    assert order["email"] not in str(message["reason"])


async def test_a_busy_server_is_tried_again(product: Product, smtp_server: SmtpServer) -> None:
    smtp_server.fail(Trouble.LATER, times=1)
    await product.publish(THANKS)
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "done")
    message = (await product.entries(order, "message"))[0]
    assert (message["state"], message["attempts"]) == ("sent", 2)
    assert len(smtp_server.messages) == 1


async def test_a_lost_answer_is_unknown_and_never_repeated(product: Product, smtp_server: SmtpServer) -> None:
    smtp_server.fail(Trouble.DROP_AFTER_DATA, times=1)
    await product.publish(THANKS)
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "done")
    assert [one["state"] for one in await product.entries(order, "message")] == ["unknown"]
    assert len(smtp_server.messages) <= 1


async def test_a_contact_without_an_address_is_skipped(product: Product) -> None:
    await product.publish(THANKS)
    order = an_order(email=None)
    await product.post(order)
    await product.wait_for_run(order, "done")
    message = (await product.entries(order, "message"))[0]
    assert (message["state"], message["reason"]["code"]) == ("skipped", "no_address")


async def test_an_unknown_template_fails_the_message_alone(product: Product) -> None:
    await product.publish(THANKS.replace("template: thanks", "template: gone"))
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "done")
    message = (await product.entries(order, "message"))[0]
    assert (message["state"], message["reason"]["code"]) == ("failed", "template")
