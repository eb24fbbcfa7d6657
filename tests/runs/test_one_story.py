"""Steps that work together: calls whose answers are used, other addresses, members, strictness, other orders."""

import json

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from temporalio.testing import WorkflowEnvironment

import worker.main
from automation.template import parse_template
from core.outgoing import guarded_client
from core.settings import Settings
from store.templates import apply_template
from tests.builders import an_order
from tests.product import Product, running_product
from tests.runs.waiting import results, waits_for_event
from tests.servers import SmtpServer

_STORY = """
name: Story
start: { event: orderDELIVERED, unique: once_per_contact }
steps:
  - add_to_segment: { id: in, segment: buyers }
  - add_to_segment: { id: stay, segment: known }
  - remove_from_segment: { id: out, segment: buyers }
  - webhook: { id: crm, url: "https://crm.shop.example/gift", params: { order: "${eventKey}" } }
  - get_order: {}
  - if:
      id: has_gift
      where: { field: steps.crm.answer.gift, op: is_set }
      then:
        - send: { id: gift, channel: email, template: gift, to: "desk+${status}@shop.example" }
  - send: { id: strict, channel: email, template: strict }
  - wait_for: { id: again, event: orderINITIALIZED, match: contact, timeout: 30d, then: [ { send: { id: welcome,
      channel: email, template: review } } ] }
"""
_MEMBERS = text("SELECT s.name FROM segment_member m JOIN segment s ON s.id = m.segment_id")
_TEMPLATES = {
    "gift": "---\nsubject: A gift\n---\n<p>Take {{ steps.crm.answer.gift }} to {{ order.externalOrderId }}.</p>",
    "strict": "---\nsubject: Strict\nstrict: true\n---\n<p>{{ order.restoreUrl }}</p>",
}


async def test_answers_addresses_members_strictness_and_another_order_of_the_contact(
    live_settings: Settings,
    temporal_env: WorkflowEnvironment,
    smtp_server: SmtpServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[httpx.Request] = []

    def crm(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"gift": "a mug & a spoon"})

    far_end = httpx.MockTransport(crm)
    monkeypatch.setattr(worker.main, "guarded_client", lambda settings: guarded_client(settings, inner=far_end))
    secret = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    open_ = {"outgoing_allowed_hosts": ("crm.shop.example",), "webhook_secret": secret}
    async with running_product(live_settings.model_copy(update=open_), temporal_env.client) as product:
        await _apply(product)
        await product.publish(_STORY)
        order = an_order()
        await product.post(order)
        await waits_for_event(product, "again")
        same = {name: order[name] for name in ("externalCustomerId", "email")}
        await product.post(an_order(**same, status="INITIALIZED"))
        run = await product.wait_for_run(order, "done")
        messages = {one["step"]: one for one in await product.entries(order, "message")}
        came = await results(product, run)
        second = an_order(**same)
        await product.post(second)
        refused = await product.wait_for(second, "decision", bool)
        async with product.database.transaction() as session:
            members = list(await session.scalars(_MEMBERS))
    assert json.loads(asked[0].content)["data"]["params"] == {"order": order["externalOrderId"]}
    assert members == ["known"]
    assert came["again"] == {"branch": "then"}
    (gift,) = smtp_server.sent_to("desk+delivered@shop.example")
    assert "a mug &amp; a spoon" in gift.get_body(("html",)).get_content()
    assert {step: one["state"] for step, one in messages.items()} == {
        "gift": "sent", "strict": "failed", "welcome": "sent"
    }  # fmt: skip
    assert messages["strict"]["reason"]["code"] == "template"
    assert "order.restoreUrl is missing" in messages["strict"]["reason"]["detail"]
    assert [one["outcome"] for one in refused] == ["suppressed"]


async def _apply(product: Product) -> None:
    async with product.database.transaction() as session:
        for name, source in _TEMPLATES.items():
            await apply_template(session, name, parse_template(name, source).model_dump(exclude_none=True))
