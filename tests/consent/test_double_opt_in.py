"""Contacts that are added unconfirmed are asked, and get marketing once they say yes."""

import re

from automation.template import parse_template
from store.templates import apply_template
from tests.builders import an_order
from tests.consent.test_sending import NEWS, codes
from tests.product import Product
from tests.servers import SmtpServer

_ASK = """
name: Confirm the address
start: { event: contactUnconfirmed, unique: { per: contact, within: 1d } }
steps:
  - send: { id: ask, channel: email, template: ask, obligatory: true }
"""


async def _add(product: Product, order: dict[str, object]) -> None:
    person = {
        "externalCustomerId": order["externalCustomerId"],
        "channels": [{"type": "email", "value": order["email"]}],
        "unconfirmed": True,
    }
    response = await product.http.post("/api/v1/contact", json=person)
    assert response.status_code == 200, response.text


async def test_an_unconfirmed_contact_is_asked_once_and_gets_marketing_after_a_press(
    product: Product, smtp_server: SmtpServer
) -> None:
    async with product.database.transaction() as session:
        content = parse_template("ask", "---\nsubject: Sure?\n---\n<a href='{{ confirm_url }}'>Yes</a>").model_dump(
            exclude_none=True
        )
        await apply_template(session, "ask", content)
    await product.publish(_ASK)
    await product.publish(NEWS)
    order = an_order()
    await _add(product, order)
    await smtp_server.wait_for(1)
    await _add(product, order)
    await product.post(order)
    assert await codes(product, order) == [("skipped", "unconfirmed"), ("sent", None)]
    asked, _ = smtp_server.messages
    body = asked.get_body(("html",))
    assert body is not None
    found = re.search(r"href=['\"]([^'\"]+)", body.get_content())
    assert found
    assert (await product.http.post(found[1].removeprefix(product.settings.public_url))).status_code == 200
    again = an_order(email=order["email"], externalCustomerId=order["externalCustomerId"])
    await product.post(again)
    assert await codes(product, again) == [("sent", None)] * 2
    assert [mail["Subject"] for mail in smtp_server.messages].count("Sure?") == 1


async def test_nobody_silences_a_customer_by_adding_the_address_again(product: Product) -> None:
    await product.publish(NEWS)
    order = an_order()
    await product.post(order)
    assert await codes(product, order) == [("sent", None)] * 2
    await _add(product, order)
    again = an_order(email=order["email"], externalCustomerId=order["externalCustomerId"])
    await product.post(again)
    assert await codes(product, again) == [("sent", None)] * 2
