"""POST /connectors/shopify and /connectors/woocommerce."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Header, Request

from api.connectors import shopify, woocommerce
from api.connectors.answer import ConnectorAnswer
from api.connectors.signature import require_signature
from api.connectors.taking import object_of, take_webhook
from api.connectors.webhook import Webhook
from api.deps import ServicesDep, read_bytes
from api.problems import Problem, problem_responses

router = APIRouter(prefix="/connectors", tags=["connectors"])

_PROBLEMS = problem_responses(
    {
        400: "Not JSON, a header is missing, or the delivery is too old.",
        401: "The signature is wrong, or the shop is not known.",
        413: "The body is over the limit.",
        503: "The database is away; the platform sends it again.",
    }
)
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"type": "object", "description": "As the platform sends it."}}},
    },
    "security": [],
}
_PING = re.compile(rb"webhook_id=\d{1,20}")


@router.post("/shopify", responses=_PROBLEMS, openapi_extra=_BODY)
async def post_shopify(
    request: Request,
    services: ServicesDep,
    *,
    x_shopify_hmac_sha256: Annotated[str, Header(max_length=300, description="base64 of the body's HMAC-SHA256.")],
    x_shopify_shop_domain: Annotated[str, Header(max_length=300, description="example.myshopify.com")],
    x_shopify_topic: Annotated[str, Header(max_length=300, description="orders/create, checkouts/update, …")],
    x_shopify_webhook_id: Annotated[str, Header(max_length=300, description="The delivery; the same one acts once.")],
) -> ConnectorAnswer:
    """Take one of Shopify's order or checkout webhooks. Point the shop's webhooks here, in JSON."""
    body = await read_bytes(request, services.settings.max_body_bytes)
    shop = x_shopify_shop_domain.lower()
    require_signature(
        services.settings.shopify_secrets, shop, x_shopify_hmac_sha256, body, setting="ORDERCUE_SHOPIFY_SECRETS"
    )
    webhook = Webhook("shopify", shop, x_shopify_topic, x_shopify_webhook_id, body)
    return await take_webhook(services, webhook, shopify.meaning(x_shopify_topic, object_of(body)))


@router.post("/woocommerce", responses=_PROBLEMS, openapi_extra=_BODY)
async def post_woocommerce(
    request: Request,
    services: ServicesDep,
    *,
    x_wc_webhook_signature: Annotated[
        str | None, Header(max_length=300, description="base64 of the body's HMAC-SHA256.")
    ] = None,
    x_wc_webhook_source: Annotated[str | None, Header(max_length=300, description="https://shop.example/")] = None,
    x_wc_webhook_topic: Annotated[
        str | None, Header(max_length=300, description="order.created, order.updated, …")
    ] = None,
    x_wc_webhook_delivery_id: Annotated[
        str | None, Header(max_length=300, description="The delivery; the same one acts once.")
    ] = None,
) -> ConnectorAnswer:
    """Take one of WooCommerce's order webhooks. The ping that comes when a webhook is saved is answered too."""
    body = await read_bytes(request, services.settings.max_body_bytes)
    if _PING.fullmatch(body):
        return ConnectorAnswer(outcome="ignored", reason="a ping: the webhook reaches us")
    required = {
        "X-WC-Webhook-Signature": x_wc_webhook_signature,
        "X-WC-Webhook-Source": x_wc_webhook_source,
        "X-WC-Webhook-Topic": x_wc_webhook_topic,
        "X-WC-Webhook-Delivery-ID": x_wc_webhook_delivery_id,
    }
    for name, value in required.items():
        if not value:
            raise Problem(400, "missing_header", f"The header {name} is missing.", remedy="Let WooCommerce send it.")
    signature, source, topic, delivery_id = map(str, required.values())
    shop = _host(source)
    require_signature(
        services.settings.woocommerce_secrets, shop, signature, body, setting="ORDERCUE_WOOCOMMERCE_SECRETS"
    )
    webhook = Webhook("woocommerce", shop, topic, delivery_id, body)
    return await take_webhook(services, webhook, woocommerce.meaning(shop, topic, object_of(body)))


def _host(source: str) -> str:
    try:
        return (urlsplit(source).hostname or source).lower()
    except ValueError:
        return source.lower()
