"""An order status by SMS, from the order to the provider."""

from urllib.parse import parse_qs

from temporalio.testing import WorkflowEnvironment

from automation.template import parse_template
from core.settings import Settings
from store import templates
from tests.builders import an_order
from tests.channels.http_server import HttpServer, Said
from tests.channels.providers import TWILIO
from tests.product import running_product

SHIPPED = """
name: On its way
start: { event: orderDELIVERED }
steps:
  - get_order: {}
  - send: { channel: sms, template: on-its-way }
"""


async def test_an_sms_goes_out_and_the_ledger_says_so(
    live_settings: Settings, temporal_env: WorkflowEnvironment
) -> None:
    async with HttpServer(Said(201, {"sid": "SM1", "status": "queued"})).running() as server:
        settings = Settings(**{**live_settings.model_dump(), **TWILIO, "twilio_url": server.url})
        async with running_product(settings, temporal_env.client) as product:
            text = "Order {{ order.externalOrderId }} is on its way"
            async with product.database.transaction() as session:
                content = parse_template("on-its-way.txt", text).model_dump(exclude_none=True)
                await templates.apply_template(session, "on-its-way", content)
            await product.publish(SHIPPED)
            order = an_order(phone="+380501234567")
            await product.post(order)
            await product.wait_for_run(order, "done")
            message = (await product.entries(order, "message"))[0]
    assert (message["channel"], message["state"]) == ("sms", "sent")
    assert [parse_qs(asked.body.decode()) for asked in server.asked] == [
        {
            "To": ["+380501234567"],
            "From": ["+15005550006"],
            "Body": [f"Order {order['externalOrderId']} is on its way"],
        }
    ]
