"""Shops as their platforms speak: payloads with their public field lists, headers, signatures."""

import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from tests.product import Product

SHOPIFY, SHOPIFY_SECRET = "cups.myshopify.com", "shpss_2c1f"
WOOCOMMERCE, WOOCOMMERCE_SECRET = "bowls.example", "any, text: at all"
_PAYLOADS = Path(__file__).parent / "payloads"


def payload(name: str, **changes: Any) -> dict[str, Any]:  # Any: JSON
    document: dict[str, Any] = json.loads((_PAYLOADS / f"{name}.json").read_text())
    return document | changes


def shopify_order(minutes_ago: float = 5, **changes: Any) -> dict[str, Any]:
    """As it was that long ago; it had been made an hour before."""
    changed = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    made = changed.replace(microsecond=0) - timedelta(hours=1)
    times = {"created_at": made.isoformat(), "updated_at": changed.replace(microsecond=0).isoformat()}
    return payload("shopify_order", **(times | changes))


def shopify_checkout(**changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    return payload("shopify_checkout", **({"created_at": now, "updated_at": now} | changes))


def woocommerce_order(minutes_ago: float = 5, **changes: Any) -> dict[str, Any]:
    changed = (datetime.now(UTC) - timedelta(minutes=minutes_ago)).replace(microsecond=0, tzinfo=None).isoformat()
    return payload("woocommerce_order", **({"date_modified_gmt": changed} | changes))


async def from_shopify(
    product: Product,
    topic: str,
    document: Any,  # Any: JSON
    *,
    secret: str = SHOPIFY_SECRET,
    shop: str = SHOPIFY,
    delivery: str | None = None,
) -> httpx.Response:
    body = json.dumps(document).encode()
    return await product.http.post(
        "/connectors/shopify",
        content=body,
        headers={
            "Authorization": "",
            "Content-Type": "application/json",
            "X-Shopify-Topic": topic,
            "X-Shopify-Shop-Domain": shop,
            "X-Shopify-Webhook-Id": delivery or str(uuid4()),
            "X-Shopify-Hmac-Sha256": signature(secret, body),
        },
    )


async def from_woocommerce(
    product: Product,
    topic: str,
    document: Any,  # Any: JSON
    *,
    secret: str = WOOCOMMERCE_SECRET,
    delivery: str | None = None,
) -> httpx.Response:
    body = json.dumps(document).encode()
    return await product.http.post(
        "/connectors/woocommerce",
        content=body,
        headers={
            "Authorization": "",
            "Content-Type": "application/json",
            "X-WC-Webhook-Source": f"https://{WOOCOMMERCE}/",
            "X-WC-Webhook-Topic": topic,
            "X-WC-Webhook-Delivery-ID": delivery or uuid4().hex,
            "X-WC-Webhook-Signature": signature(secret, body),
        },
    )


def signature(secret: str, body: bytes) -> str:
    return b64encode(hmac.new(secret.encode(), body, sha256).digest()).decode()
