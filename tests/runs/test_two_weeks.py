"""The time-skipping server: days pass in milliseconds, everything else is real."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from core.settings import Settings
from tests.builders import DELIVERED_REVIEW, an_order
from tests.product import Product, skipping_product
from tests.servers import SmtpServer


@pytest.fixture
async def product(
    settings: Settings, time_skipping_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> AsyncIterator[Product]:
    async with skipping_product(settings, time_skipping_env, smtp_server) as product:
        yield product


async def test_two_weeks_after_delivery_the_review_request_arrives(
    product: Product, time_skipping_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> None:
    await product.publish(DELIVERED_REVIEW)
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "waiting")
    assert len(smtp_server.messages) == 1

    await time_skipping_env.sleep(timedelta(days=15))
    await product.wait_for_run(order, "done")
    subjects = [mail["Subject"] for mail in await smtp_server.wait_for(2)]
    assert subjects[1] == f"How was order {order['externalOrderId']}?"


async def test_a_cancel_on_day_nine_keeps_the_review_request_back(
    product: Product, time_skipping_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> None:
    await product.publish(DELIVERED_REVIEW)
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "waiting")

    await time_skipping_env.sleep(timedelta(days=9))
    await product.post(order | {"status": "CANCELLED"})
    await product.wait_for_run(order, "stopped")
    await time_skipping_env.sleep(timedelta(days=6))
    assert len(smtp_server.messages) == 1


async def test_the_order_of_the_second_mail_is_the_one_of_that_day(
    product: Product, time_skipping_env: WorkflowEnvironment, smtp_server: SmtpServer
) -> None:
    await product.publish(DELIVERED_REVIEW.replace("template: review", "template: thanks"))
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "waiting")
    await product.post(order | {"totalCost": 199})

    await time_skipping_env.sleep(timedelta(days=15))
    mails = await smtp_server.wait_for(2)
    texts = [part.get_content() for mail in mails for part in mail.walk() if part.get_content_type() == "text/plain"]
    assert ["200" in texts[0], "199" in texts[1]] == [True, True]


async def test_a_message_that_an_operator_moves_is_late_from_its_new_moment_on_also_when_its_window_held_it(
    product: Product, time_skipping_env: WorkflowEnvironment
) -> None:
    now = await time_skipping_env.get_current_time()
    opens = now + timedelta(hours=12)
    await product.publish(f"""
        name: Window
        start: {{ event: orderDELIVERED }}
        steps:
          - get_order: {{}}
          - send:
              id: thanks
              channel: email
              template: thanks
              window: {{ from: "{opens:%H:%M}", to: "{opens + timedelta(hours=3):%H:%M}" }}
              not_after: 2h
    """)
    left, moved = an_order(), an_order()
    await product.post(left, moved)
    await product.wait_for_run(left, "waiting")
    run = await product.wait_for_run(moved, "waiting")
    to = opens + timedelta(hours=1)
    answer = await product.http.post(f"/api/v1/runs/{run['id']}/move", json={"to": to.isoformat()})
    assert answer.status_code == 200, answer.text

    await time_skipping_env.sleep(timedelta(hours=14))
    await product.wait_for_run(moved, "done")
    await product.wait_for_run(left, "done")
    found = [(await product.entries(order, "message"))[0] for order in (left, moved)]
    assert [(one["state"], (one["reason"] or {}).get("code")) for one in found] == [
        ("skipped", "too_late"),
        ("sent", None),
    ]
    assert found[0]["sentence"].endswith("held back by the allowed send time)")
    told = (await product.http.get(f"/api/v1/messages/{found[1]['id']}")).json()
    assert datetime.fromisoformat(told["dueAt"]) == to
