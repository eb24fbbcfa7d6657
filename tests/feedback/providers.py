"""Providers as they speak: payloads with their public field lists, and their signatures."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from hmac import digest, new
from textwrap import indent
from typing import Any
from uuid import uuid4

import httpx
from standardwebhooks import Webhook

from tests.builders import THANKS, an_order
from tests.channels.http_examples import example
from tests.product import Product

RESEND_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TWILIO_TOKEN = "twilio_hushhush"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:mails"
SENDGRID = f"""
pushed:
  address: email
  url: https://api.sendgrid.example/v3/mail/send
  body: '{{{{ text | json }}}}'
{indent(example("What it tells afterwards"), "  ")}
"""


async def a_sent_message(product: Product) -> tuple[dict[str, Any], dict[str, Any]]:
    """An order and the message that went out for it."""
    await product.publish(THANKS)
    order = an_order()
    await product.post(order)
    await product.wait_for_run(order, "done")
    return order, (await product.entries(order, "message"))[0]


async def shown(product: Product, message: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await product.http.get(f"/api/v1/messages/{message['id']}")).json()
    return found


async def from_resend(
    product: Product,
    kind: str,
    message: dict[str, Any],
    *,
    event: str | None = None,
    secret: str = RESEND_SECRET,
    **more: Any,
) -> httpx.Response:
    document = {
        "type": f"email.{kind}",
        "created_at": "2026-11-22T23:41:12.126Z",
        "data": {
            "created_at": "2026-11-22T23:41:11.894719+00:00",
            "email_id": "56761188-7520-42d8-8898-ff6fc54ce618",
            "from": "Shop <orders@shop.example>",
            "to": ["someone@customer.example"],
            "subject": "Thank you",
            "tags": {"ordercue_message": message["id"]},
            **more,
        },
    }
    body, event, now = json.dumps(document), event or f"msg_{uuid4().hex}", datetime.now(UTC)
    headers = {
        "Authorization": "",
        "svix-id": event,
        "svix-timestamp": str(int(now.timestamp())),
        "svix-signature": Webhook(secret).sign(event, now, body),
    }
    return await product.http.post("/feedback/resend", content=body.encode(), headers=headers)


async def from_twilio(product: Product, status: str, message_id: str, **more: str) -> httpx.Response:
    form = {
        "SmsSid": "SM1a2b",
        "SmsStatus": status,
        "MessageStatus": status,
        "To": "+15558675310",
        "MessageSid": "SM1a2b",
        "AccountSid": "AC123",
        "From": "+15017122661",
        "ApiVersion": "2010-04-01",
        **more,
    }
    path = f"/feedback/twilio?message={message_id}"
    text = f"https://cue.shop.example{path}" + "".join(name + form[name] for name in sorted(form))
    signature = b64encode(digest(TWILIO_TOKEN.encode(), text.encode(), "sha1")).decode()
    return await product.http.post(path, data=form, headers={"Authorization": "", "X-Twilio-Signature": signature})


async def from_sendgrid(product: Product, *events: dict[str, Any], secret: str = "sg secret") -> httpx.Response:
    body = json.dumps(events).encode()
    signature = f"sha256={new(secret.encode(), body, sha256).hexdigest()}"
    return await product.http.post(
        "/feedback/pushed", content=body, headers={"Authorization": "", "X-Signature": signature}
    )
