"""WooCommerce's webhooks: topics of orders.

Headers, signature and the ping: https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks; fields of an order:
#order-properties there. The mapping is told in docs/connectors.md.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from api.connectors.values import address_of, first, moment_of, section, sections, status_date, word
from api.connectors.webhook import Meaning, nothing
from core.document import OrderStatus

# Any: JSON of a stranger

TOPICS = frozenset({"order.created", "order.updated", "order.restored"})

STATUSES: Mapping[str, OrderStatus] = MappingProxyType(
    {
        "pending": OrderStatus.INITIALIZED,
        "on-hold": OrderStatus.INITIALIZED,
        "processing": OrderStatus.IN_PROGRESS,
        "completed": OrderStatus.DELIVERED,
        "cancelled": OrderStatus.CANCELLED,
        "failed": OrderStatus.CANCELLED,
        "refunded": OrderStatus.CANCELLED,
        "checkout-draft": OrderStatus.ABANDONED_SHOPPING_CART,
    }
)
"""A status of a plugin (such as `shipped`) means IN_PROGRESS; its own word is in statusDescription."""

_NO_ORDER = frozenset({"trash", "auto-draft", "draft"})


def meaning(shop: str, topic: str, payload: Mapping[str, Any]) -> Meaning:
    """What a webhook says. Raises nothing, whatever is in the payload."""
    said = word(payload.get("status"))
    if topic not in TOPICS:
        return nothing(f"the topic {topic} is not one that brings orders")
    if said in _NO_ORDER:
        return nothing(f"an order with the status {said} is none yet, or none any more")
    status = STATUSES.get(said, OrderStatus.IN_PROGRESS) if said else OrderStatus.INITIALIZED
    changed_at = moment_of(first(payload.get("date_modified_gmt"), payload.get("date_created_gmt")))
    billing, shipping = section(payload, "billing"), section(payload, "shipping")
    lines, customer = sections(payload, "shipping_lines"), payload.get("customer_id")
    date = moment_of(payload.get("date_created_gmt"))
    address = shipping if shipping.get("address_1") else billing
    order = {
        "externalOrderId": order_id(shop, payload.get("id")),
        "totalCost": payload.get("total"),
        "status": status,
        "statusDate": status_date(changed_at, status),
        "statusDescription": said,
        "date": date.isoformat() if date else payload.get("date_created"),
        "externalCustomerId": order_id(shop, customer) if customer not in (None, "", 0, "0") else None,
        "email": billing.get("email"),
        "phone": first(billing.get("phone"), shipping.get("phone")),
        "firstName": first(billing.get("first_name"), shipping.get("first_name")),
        "lastName": first(billing.get("last_name"), shipping.get("last_name")),
        "currency": payload.get("currency"),
        "shipping": payload.get("shipping_total"),
        "discount": payload.get("discount_total"),
        "taxes": payload.get("total_tax"),
        "restoreUrl": payload.get("payment_url"),
        "deliveryMethod": lines[0].get("method_title") if lines else None,
        "paymentMethod": first(payload.get("payment_method_title"), payload.get("payment_method")),
        "deliveryAddress": address_of(
            address.get(name) for name in ("address_1", "address_2", "city", "state", "postcode", "country")
        ),
        "source": "offline" if word(payload.get("created_via")) in {"pos", "admin"} else "online",
        "additionalInfo": {
            name: payload[name] for name in ("number", "order_key", "customer_note", "created_via") if payload.get(name)
        },
        "items": [_item(line) for line in sections(payload, "line_items")],
    }
    return Meaning(order, changed_at=changed_at)


def order_id(shop: str, number: Any) -> str | None:
    """Shops count from 1 each, so the shop's host is part of the id."""
    return None if number in (None, "") else f"{shop}/{number}"


def _item(line: Mapping[str, Any]) -> dict[str, Any]:
    variation = line.get("variation_id")
    return {
        "externalItemId": first(variation if variation != 0 else None, line.get("product_id"), line.get("sku")),
        "name": line.get("name"),
        "quantity": line.get("quantity"),
        "cost": line.get("price"),
        "imageUrl": section(line, "image").get("src"),
        "sku": line.get("sku"),
    }
