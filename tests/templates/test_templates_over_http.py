"""Templates over HTTP."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

from core.document import ORDER_FIELDS
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


async def test_a_template_sees_every_field_of_the_order_and_the_parameters_of_its_event(product: Product) -> None:
    own = {"additionalInfo": {"gift": "a cup"}, "loyalty": "gold", "items": [{
        "externalItemId": "c", "name": "Cup", "quantity": 2, "cost": 5, "url": "https://s.example/c",
        "imageUrl": "https://s.example/c.png", "category": "Cups", "description": "Blue"}]}  # fmt: skip
    numbers = {"totalCost": 11.5, "shipping": 2, "discount": 1, "taxes": 0.5}
    dates = {"date": "2026-11-20T10:00:00Z", "statusDate": "2026-11-20T11:00:00Z"}
    set_apart = {*own, *numbers, *dates, "extra", "status", "source", "email", "phone", "currency", "restoreUrl"}
    texts = {field: f"my {field}" for field in ORDER_FIELDS.values() if field not in set_apart}
    contract = {"status": "DELIVERED", "source": "online", "email": "a@example.com", "phone": "+380501234567",
                "currency": "UAH", "restoreUrl": "https://s.example/r"}  # fmt: skip
    await product.post(own | numbers | dates | texts | contract)
    plain = [field for field in ORDER_FIELDS.values() if field not in {"additionalInfo", "items", "extra"}]
    shown = "|".join(f"{{{{ order.{field} }}}}" for field in plain)
    item = "|".join(f"{{{{ one.{field} }}}}" for field in own["items"][0])
    source = f"{shown}\n{{% for one in order.items %}}{item}{{% endfor %}}\n{{{{ order.additionalInfo.gift }}}}\n"
    source += "{{ order.extra.loyalty }}\n{{ externalOrderId }} {{ event.status }}"
    wanted = {"template": {"text": source, "strict": True}, "order": texts["externalOrderId"]}
    answer = await product.http.post("/api/v1/templates/draft/preview", json=wanted)
    assert answer.status_code == 200, answer.text
    first, second, gift, loyalty, event = answer.json()["text"].strip().split("\n")
    told = dict(zip(plain, first.split("|"), strict=True))
    assert {field: told[field] for field in (*texts, *contract)} == texts | contract
    assert {field: float(told[field]) for field in numbers} == numbers
    assert [told[field][:13] for field in dates] == ["2026-11-20T10", "2026-11-20T11"]
    assert second == "c|Cup|2|5|https://s.example/c|https://s.example/c.png|Cups|Blue"
    assert (gift, loyalty, event) == ("a cup", "gold", f"{texts['externalOrderId']} DELIVERED")
