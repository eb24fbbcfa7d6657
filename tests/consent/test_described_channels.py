"""Channels that a YAML file describes: who unsubscribes there ends runs at once, whatever its addresses are."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from core.settings import Settings
from tests.builders import an_order
from tests.channels.http_examples import example
from tests.product import Product, running_product

_CHATS = """
name: Chats
start: { event: orderDELIVERED, unique: once_per_order }
stop:
  - unsubscribed: viber
  - unsubscribed: telegram
steps:
  - wait: { id: pause, for: 10d }
  - send: { id: thanks, channel: email, template: thanks }
"""


@pytest.fixture
async def product(live_settings: Settings, temporal_env: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Product]:
    """With Viber by the contact's phone, and Telegram by a custom field."""
    file = tmp_path / "providers.yaml"
    file.write_text(example("Viber").replace("address: id", "address: phone") + example("Telegram"))
    own = {"http_providers": file, "http_secrets": {"viber": "v", "telegram": "t"}}
    settings = Settings(**{**live_settings.model_dump(), **own})
    async with running_product(settings, temporal_env.client) as product:
        yield product


async def test_who_leaves_a_channel_of_phones_or_of_custom_fields_ends_the_runs(product: Product) -> None:
    await product.publish(_CHATS)
    by_phone, by_field, stays = an_order(phone="+380501112233"), an_order(), an_order(phone="+380501112244")
    channels = [{"type": "email", "value": by_field["email"]}]
    contact = {"channels": channels, "fields": [{"id": "telegram", "value": "chat-7"}]}
    made = await product.http.post("/api/v1/contacts", json={"contacts": [contact]})
    assert made.json()["failedContacts"] == []
    await product.post(by_phone, by_field, stays)
    for order in (by_phone, by_field, stays):
        await product.wait_for_run(order, "waiting")
    for channel, address in (("viber", "+380 50 111 22 33"), ("telegram", "chat-7")):
        body = {"channel": channel, "addresses": [address], "reason": "unsubscribed"}
        assert (await product.http.post("/api/v1/suppressions/add", json=body)).json()["added"] == 1
    for order, channel in ((by_phone, "viber"), (by_field, "telegram")):
        stopped = await product.wait_for_run(order, "stopped")
        assert channel in str(stopped["stop"])
    await product.wait_for_run(stays, "waiting")
    late = an_order(email=by_field["email"], externalCustomerId=None)
    await product.post(late)
    await product.wait_for_run(late, "stopped")
