"""Bodies of requests: orders of three items, as a shop sends them."""

from typing import Any
from uuid import uuid4

import orjson

ITEMS = [
    {
        "externalItemId": f"TEA-{number:03}",
        "name": "Чай зелений, листовий, 100 г",
        "quantity": number,
        "cost": 63.0,
        "url": f"https://shop.example/tea/{number}",
        "imageUrl": f"https://shop.example/tea/{number}.jpg",
        "category": "Чай",
    }
    for number in range(1, 4)
]


def an_order(number: str, **changes: Any) -> dict[str, Any]:  # Any: JSON
    """One order of its own customer; `number` is hexadecimal digits, a dash and digits."""
    prefix, _, counted = number.rpartition("-")
    return {
        "externalOrderId": f"order-{number}",
        "externalCustomerId": f"customer-{number}",
        "email": f"customer-{number}@example.com",
        "phone": f"+38067{(int(prefix, 16) + int(counted)) % 10_000_000:07}",
        "firstName": "Ірина",
        "lastName": "Ковальчук",
        "totalCost": 378.0,
        "currency": "UAH",
        "status": "DELIVERED",
        "date": "2026-05-18T09:30:00+03:00",
        "statusDate": "2026-05-20T17:05:00+03:00",
        "deliveryMethod": "Нова пошта",
        "deliveryAddress": "Київ, вул. Хрещатик, 1",
        "items": ITEMS,
    } | changes


def new_orders(count: int) -> bytes:
    """A body of orders that nobody sent before."""
    prefix = uuid4().hex[:12]
    return body_of([an_order(f"{prefix}-{number}") for number in range(count)])


def body_of(orders: list[dict[str, Any]]) -> bytes:  # Any: JSON
    """The request's body."""
    return orjson.dumps({"orders": orders})
