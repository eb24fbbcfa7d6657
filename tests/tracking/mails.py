"""A mail with links, what its reader does with it, and what is told of it."""

import re
from html import unescape
from typing import Any

import httpx

from automation.template import parse_template
from store.templates import apply_template
from tests.builders import THANKS, an_order
from tests.product import Product
from tests.servers import SmtpServer

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
CUP = "https://shop.example/cup?utm_source=mail&x=1#reviews"
_SOURCE = """---
subject: Thank you
---
<html><body><p>Order {{ order.externalOrderId }}</p>
<a href="https://shop.example/cup?utm_source=mail&amp;x=1#reviews">cup</a> <a href="https://shop.example/bowl">bowl</a>
<a href="https://shop.example/spoon">spoon</a> <a href="mailto:help@shop.example">help</a>
<a href="{{ unsubscribe_url }}">no more</a> <a href="{{ view_url }}">in the browser</a>
</body></html>
"""


async def publish_mail(product: Product, automation: str = THANKS) -> None:
    """An automation whose mail has links."""
    async with product.database.transaction() as session:
        content = parse_template("thanks", _SOURCE).model_dump(exclude_none=True)
        await apply_template(session, "thanks", content)
    await product.publish(automation)


async def a_mail(product: Product, smtp: SmtpServer, **changes: Any) -> tuple[dict[str, Any], dict[str, Any], str]:
    """An order, the message that went out for it, and its HTML as it arrived."""
    order = an_order(**changes)
    await product.post(order)
    await product.wait_for_run(order, "done")
    (mail,) = smtp.sent_to(order["email"])
    html: str = mail.get_body(("html",)).get_content()
    return order, (await product.entries(order, "message"))[0], html


def addresses(html: str) -> list[str]:
    """Where its links lead, and its picture."""
    return [unescape(one) for one in re.findall(r'(?:href|src)="([^"]+)"', html)]


async def follow(product: Product, address: str, *, method: str = "GET", agent: str = BROWSER) -> httpx.Response:
    """Somebody without a key asks for an address of ours."""
    transport = product.http._transport  # the same app
    async with httpx.AsyncClient(transport=transport, base_url=product.settings.public_url) as http:
        return await http.request(method, address, headers={"User-Agent": agent})


async def told(product: Product, message: dict[str, Any]) -> dict[str, Any]:
    """The message as the API shows it."""
    found: dict[str, Any] = (await product.http.get(f"/api/v1/messages/{message['id']}")).json()
    return found
