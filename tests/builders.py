"""Data of tests: orders as an integration sends them, automations as a marketer writes them."""

from itertools import count
from typing import Any
from uuid import uuid4

_numbers = count(1)


def an_order(**changes: Any) -> dict[str, Any]:  # Any: JSON
    """A valid order of a new customer; None takes a field away."""
    number = f"{next(_numbers)}-{uuid4().hex[:8]}"
    order: dict[str, Any] = {
        "externalOrderId": f"order-{number}",
        "externalCustomerId": f"customer-{number}",
        "email": f"customer-{number}@example.com",
        "firstName": "Olena",
        "totalCost": 200,
        "status": "DELIVERED",
        "date": "2026-11-20T10:00:00Z",
        "currency": "UAH",
        "items": [
            {
                "externalItemId": "cup",
                "name": "Чашка",
                "quantity": 2,
                "cost": 100,
                "url": "https://shop.example/cup",
                "imageUrl": "https://shop.example/cup.png",
            }
        ],
    } | changes
    return {name: value for name, value in order.items() if value is not None}


THANKS = """
name: Thanks
start:
  event: orderDELIVERED
steps:
  - get_order: {}
  - send: { id: thanks, channel: email, template: thanks }
"""
"""The one-message automation."""

DELIVERED_REVIEW = """
name: Delivered, thank you and review request
start:
  event: orderDELIVERED
  where: { all: [ { field: order.totalCost, op: gte, value: 20 } ] }
stop:
  - { event: orderCANCELLED }
  - { event: orderINITIALIZED, match: contact }
steps:
  - get_order: {}
  - send: { id: thanks, channel: email, template: thanks }
  - wait: { id: pause, for: 14d, at: "10:00" }
  - get_order: {}
  - send: { id: review, channel: email, template: review, not_after: 3d }
"""

TEMPLATES = {
    "thanks": "---\nsubject: 'Дякуємо, {{ contact.firstName }}'\n---\n<p>Order {{ order.externalOrderId }}: "
    "{{ order.totalCost }}</p>{% for item in order.items %}<p>{{ item.name }}</p>{% endfor %}",
    "review": "---\nsubject: 'How was order {{ order.externalOrderId }}?'\n---\n<p>Tell us.</p>",
}
