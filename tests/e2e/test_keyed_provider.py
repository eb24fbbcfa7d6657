"""A provider that drops repetitions by key, and an address that stands in a custom field."""

from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from core.settings import Settings
from tests.builders import THANKS, an_order
from tests.channels.http_server import Act, HttpServer, Said
from tests.channels.providers import RESEND
from tests.product import running_product


async def test_after_no_answer_the_same_mail_goes_again_under_the_same_key(
    live_settings: Settings, temporal_env: WorkflowEnvironment
) -> None:
    async with HttpServer(Act.CLOSE, Said(200, {"id": "re1"})).running() as server:
        settings = Settings(**{**live_settings.model_dump(), **RESEND, "resend_url": server.url})
        async with running_product(settings, temporal_env.client) as product:
            await product.publish(THANKS)
            order = an_order()
            await product.post(order)
            await product.wait_for_run(order, "done")
            message = (await product.entries(order, "message"))[0]
    first, second = server.asked
    assert message["state"] == "sent"
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.body == second.body


async def test_a_signed_message_goes_to_the_address_in_the_field_of_the_channels_name(
    live_settings: Settings, temporal_env: WorkflowEnvironment
) -> None:
    own = {"webhook_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "outgoing_allowed_hosts": ("127.0.0.1",)}
    async with HttpServer(Said(204, b"")).running() as server:
        settings = Settings(**{**live_settings.model_dump(), **own})
        async with running_product(settings, temporal_env.client) as product:
            order = an_order(status="INITIALIZED")
            await product.publish(THANKS.replace("orderDELIVERED", "orderINITIALIZED"))
            await product.post(order)
            await product.wait_for_run(order, "done")  # so the contact is known
            async with product.database.transaction() as session:
                await session.execute(
                    text("UPDATE contact SET fields = jsonb_build_object('webhook_message', CAST(:url AS text))"),
                    {"url": f"{server.url}/hook"},
                )
            await product.publish(
                THANKS.replace("Thanks", "Told").replace("channel: email", "channel: webhook_message")
            )
            await product.post({**order, "status": "DELIVERED", "date": "2026-11-21T10:00:00Z"})
            both = await product.wait_for(order, "message", lambda all_: [one["state"] for one in all_] == ["sent"] * 2)
    assert {message["channel"] for message in both} == {"email", "webhook_message"}
    assert [asked.path for asked in server.asked] == ["/hook"]
