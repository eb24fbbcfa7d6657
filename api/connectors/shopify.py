"""Shopify's webhooks: topics of orders and checkouts.

Headers, signature and topics: https://shopify.dev/docs/apps/build/webhooks and /docs/api/webhooks; fields of an order:
https://shopify.dev/docs/api/admin-rest/latest/resources/order. The mapping is told in docs/connectors.md.
"""

from collections.abc import Mapping
from typing import Any

from api.connectors.values import address_of, first, moment_of, section, sections, status_date, word, written
from api.connectors.webhook import Meaning, nothing
from core.document import OrderStatus

# Any: JSON of a stranger

_ORDER_TOPICS = frozenset(
    f"orders/{what}" for what in ("create", "paid", "partially_fulfilled", "fulfilled", "cancelled", "updated")
)
_CHECKOUT_TOPICS = frozenset({"checkouts/create", "checkouts/update"})
TOPICS = _ORDER_TOPICS | _CHECKOUT_TOPICS

_PAID = frozenset({"paid", "partially_paid", "partially_refunded"})
_BACK = frozenset({"voided", "refunded"})


def meaning(topic: str, payload: Mapping[str, Any]) -> Meaning:
    """What a webhook says. Raises nothing, whatever is in the payload."""
    if topic in _CHECKOUT_TOPICS:
        return _checkout(payload)
    if topic in _ORDER_TOPICS:
        return _order(topic, payload)
    return nothing(f"the topic {topic} is not one that brings orders")


def _order(topic: str, payload: Mapping[str, Any]) -> Meaning:
    if payload.get("test") is True and payload.get("id") is None:
        return nothing("it is a test without an order")
    changed_at = moment_of(first(payload.get("updated_at"), payload.get("created_at")))
    status = _status(topic, payload)
    # a new order came about when it was created, whatever happened to it before this message went out
    since = moment_of(payload.get("created_at")) if topic == "orders/create" and not _cancelled(payload) else changed_at
    order = _shared(payload) | {
        "externalOrderId": payload.get("id"),
        "totalCost": first(payload.get("current_total_price"), payload.get("total_price")),
        "status": status,
        "statusDate": status_date(since, status),
        "statusDescription": written(
            payload.get("cancel_reason"), payload.get("fulfillment_status"), payload.get("financial_status")
        ),
        "restoreUrl": payload.get("order_status_url"),
        "source": "offline" if payload.get("source_name") == "pos" else "online",
        "additionalInfo": _kept(payload, "name", "order_number", "note", "tags", "checkout_token", "cart_token"),
    }
    return Meaning(order, changed_at=changed_at)


def _checkout(payload: Mapping[str, Any]) -> Meaning:
    if payload.get("completed_at"):
        return nothing("the checkout became an order, whose own webhooks tell of it")
    changed_at = moment_of(first(payload.get("updated_at"), payload.get("created_at")))
    token = first(payload.get("token"), payload.get("id"))
    order = _shared(payload) | {
        "externalOrderId": None if token is None else f"checkout-{token}",
        "totalCost": payload.get("total_price"),
        "status": OrderStatus.ABANDONED_SHOPPING_CART,
        "statusDate": status_date(changed_at, OrderStatus.ABANDONED_SHOPPING_CART),
        "restoreUrl": payload.get("abandoned_checkout_url"),
        "additionalInfo": _kept(payload, "name", "note", "cart_token"),
    }
    return Meaning(order, changed_at=changed_at)


def _shared(payload: Mapping[str, Any]) -> dict[str, Any]:
    customer, shipping = section(payload, "customer"), section(payload, "shipping_address")
    billing = section(payload, "billing_address")
    freight = section(section(payload, "total_shipping_price_set"), "shop_money")
    gateways = payload.get("payment_gateway_names")
    lines = sections(payload, "shipping_lines")
    return {
        "externalCustomerId": customer.get("id"),
        "email": first(payload.get("email"), payload.get("contact_email"), customer.get("email")),
        "phone": first(payload.get("phone"), customer.get("phone"), shipping.get("phone"), billing.get("phone")),
        "firstName": first(customer.get("first_name"), shipping.get("first_name"), billing.get("first_name")),
        "lastName": first(customer.get("last_name"), shipping.get("last_name"), billing.get("last_name")),
        "date": payload.get("created_at"),
        "currency": payload.get("currency"),
        "shipping": freight.get("amount"),
        "discount": first(payload.get("current_total_discounts"), payload.get("total_discounts")),
        "taxes": first(payload.get("current_total_tax"), payload.get("total_tax")),
        "deliveryMethod": lines[0].get("title") if lines else None,
        "paymentMethod": first(*gateways) if isinstance(gateways, list) else payload.get("gateway"),
        "deliveryAddress": address_of(
            shipping.get(name) for name in ("address1", "address2", "city", "province", "zip", "country")
        ),
        "items": [_item(line) for line in sections(payload, "line_items")],
    }


def _item(line: Mapping[str, Any]) -> dict[str, Any]:
    known = {
        "externalItemId": first(line.get("variant_id"), line.get("product_id"), line.get("sku"), line.get("id")),
        "name": first(line.get("name"), line.get("title")),
        "quantity": first(line.get("current_quantity"), line.get("quantity")),
        "cost": line.get("price"),
        "imageUrl": line.get("image_url"),
    }
    return known | _kept(line, "sku", "vendor", "variant_title")


def _status(topic: str, payload: Mapping[str, Any]) -> OrderStatus:
    """From the body, which is signed; the topic, which is not, only tells a new order from a paid one."""
    paid = word(payload.get("financial_status"))
    if _cancelled(payload):
        return OrderStatus.CANCELLED
    if topic == "orders/create":
        return OrderStatus.INITIALIZED
    if payload.get("fulfillment_status") == "fulfilled":
        return OrderStatus.DELIVERED
    if paid in _BACK:
        return OrderStatus.CANCELLED
    if paid in _PAID or payload.get("fulfillment_status") == "partial":
        return OrderStatus.IN_PROGRESS
    return OrderStatus.INITIALIZED


def _cancelled(payload: Mapping[str, Any]) -> bool:
    return bool(payload.get("cancelled_at"))


def _kept(payload: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: payload[name] for name in names if payload.get(name) not in (None, "")}
