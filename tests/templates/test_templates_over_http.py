"""Templates over HTTP."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from core.settings import Settings
from tests.builders import an_order
from tests.product import Product, running_api


@pytest.fixture
async def product(live_settings: Settings, temporal_env: WorkflowEnvironment) -> AsyncIterator[Product]:
    async with running_api(live_settings, temporal_env.client) as running:
        yield running


async def test_a_template_is_published_listed_and_read_in_each_version(product: Product) -> None:
    http, address = product.http, "/api/v1/templates/greeting"
    first = (await http.put(address, json={"text": "Hello {{ order.firstNam }}"})).json()
    assert (first["version"], first["changed"]) == (1, True)
    assert (first["findings"][0]["severity"], first["findings"][0]["line"]) == ("warning", 1)
    again = (await http.put(address, json={"text": "Hello {{ order.firstNam }}"})).json()
    assert (again["version"], again["changed"]) == (1, False)
    second = {"subject": "Hi", "text": "Hello", "locales": {"uk": {"text": "Привіт"}}}
    assert (await http.put(address, json=second)).json()["version"] == 2
    told = (await http.get(address)).json()
    assert (told["version"], told["languages"], told["content"]["locales"]["uk"]["text"]) == (2, ["uk"], "Привіт")
    page = (await http.get(f"{address}/versions", params={"limit": 1})).json()
    assert ([one["version"] for one in page["versions"]], page["nextBefore"]) == ([2], 2)
    older = (await http.get(f"{address}/versions", params={"before": 2})).json()
    assert ([one["version"] for one in older["versions"]], older["nextBefore"]) == ([1], None)
    assert (await http.get(f"{address}/versions/1")).json()["content"]["text"] == "Hello {{ order.firstNam }}"
    assert "greeting" in {one["name"] for one in (await http.get("/api/v1/templates")).json()["templates"]}
    async with product.database.transaction() as session:
        done = await session.scalars(text("SELECT action FROM audit_log WHERE subject = 'template:greeting'"))
        assert list(done) == ["template.publish"] * 2


async def test_what_cannot_be_sent_is_refused_with_its_place_and_nothing_is_stored(product: Product) -> None:
    answer = await product.http.put("/api/v1/templates/broken", json={"text": "Hi\n{{ order.id | uppercase }}"})
    assert (answer.status_code, answer.json()["field"]) == (400, "text")
    assert "line 2" in answer.json()["detail"]
    checked = await product.http.post("/api/v1/templates/broken/check", json={"text": "Hi\n{% if x %}"})
    assert checked.json()["findings"][0]["code"] == "syntax"
    assert (await product.http.get("/api/v1/templates/broken")).status_code == 404
    assert (await product.http.get("/api/v1/templates/broken/versions")).status_code == 404


async def test_a_preview_shows_the_message_for_a_stored_or_a_made_up_order(product: Product) -> None:
    order = an_order()
    await product.post(order)
    draft = {"subject": "{{ order.externalOrderId }}", "html": "<p>{{ gift }}</p>", "locales": {"uk": {"text": "Так"}}}
    address = "/api/v1/templates/draft/preview"
    wanted = {"template": draft, "order": order["externalOrderId"], "params": {"gift": "a <cup>"}}
    told = (await product.http.post(address, json=wanted)).json()
    assert (told["subject"], told["html"]) == (order["externalOrderId"], "<p>a &lt;cup&gt;</p>")
    told = (await product.http.post(address, json={"template": draft, "language": "uk"})).json()
    assert (told["subject"], told["text"], told["locale"]) == ("A-1007", "Так", "uk")
    assert (await product.http.post(address, json={"template": draft, "order": "none"})).status_code == 404
    assert (await product.http.post(address, json={})).status_code == 404
