"""Messages of a simulation and of a test launch are in the language that a real run would choose."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from core.settings import Settings
from tests.builders import THANKS, an_order
from tests.product import Product, running_product
from tests.servers import SmtpServer

_MJML = "<mjml><mj-body><mj-section><mj-column><mj-text>{word}</mj-text></mj-column></mj-section></mj-body></mjml>"


def _spoken(word: str, **more: object) -> dict[str, Any]:
    return {"subject": word, "mjml": _MJML.format(word=word + " {{ unsubscribe_url }}"), **more}


@pytest.fixture
async def product(live_settings: Settings, temporal_env: WorkflowEnvironment) -> AsyncIterator[Product]:
    settings = live_settings.model_copy(update={"account_language": "de"})
    async with running_product(settings, temporal_env.client) as running:
        yield running


async def test_the_contacts_language_comes_before_the_accounts_and_that_before_the_templates_own(
    product: Product, smtp_server: SmtpServer
) -> None:
    template = _spoken("Thanks", locales={"uk": _spoken("Дякуємо"), "de": _spoken("Danke")}, strict=True)
    put = await product.http.put("/api/v1/templates/thanks", json=template)
    assert put.status_code == 200, put.text
    await product.publish(THANKS)
    orders = {}
    for language in ("uk-UA", "fr", None):
        order = orders[language] = an_order(status="INITIALIZED")
        channels = [{"type": "email", "value": order["email"]}]
        person = {"externalCustomerId": order["externalCustomerId"], "channels": channels, "languageCode": language}
        assert (await product.http.post("/api/v1/contact", json=person)).status_code == 200
    await product.post(*orders.values())
    for order in orders.values():
        await _matched(product, order)
    subjects = {language: await _simulated(product, order) for language, order in orders.items()}
    assert subjects == {"uk-UA": "Дякуємо", "fr": "Danke", None: "Danke"}
    for order in orders.values():
        wanted = {"order": order["externalOrderId"], "to": f"{order['externalOrderId']}@shop.example"}
        assert (await product.http.post("/api/v1/automations/Thanks/test", json=wanted)).status_code == 202
    sent = {mail["To"]: str(mail["Subject"]) for mail in await smtp_server.wait_for(3)}
    told = {language: sent[f"{order['externalOrderId']}@shop.example"] for language, order in orders.items()}
    assert told == {language: f"[TEST] {subject}" for language, subject in subjects.items()}


async def _simulated(product: Product, order: dict[str, Any]) -> str:
    body = {"order": order["externalOrderId"]}
    answer = await product.http.post("/api/v1/automations/Thanks/simulate", json=body)
    assert answer.status_code == 200, answer.text
    message = next(one["message"] for one in answer.json()["steps"] if one["kind"] == "send")
    assert "/unsubscribe/preview" in message["text"]
    return str(message["subject"])


async def _matched(product: Product, order: dict[str, Any]) -> None:
    async with asyncio.timeout(60):
        while not (await product.http.get(f"/api/v1/orders/{order['externalOrderId']}")).json()["contactId"]:  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.05)
