"""Facts for a look at a template when there is no order yet."""

from decimal import Decimal
from typing import Any


def sample_facts() -> dict[str, Any]:  # Any: JSON
    """A delivered order of two items, and who placed it."""
    items = [
        {"externalItemId": "TEA-041", "name": "Green tea, 100 g", "quantity": 2, "cost": Decimal("7.50"),
         "url": "https://shop.example/tea", "category": "Tea"},
        {"externalItemId": "CUP-007", "name": "Cup & saucer", "quantity": 1, "cost": Decimal("18.40"),
         "url": "https://shop.example/cup", "category": "Cups"},
    ]  # fmt: skip
    order = {
        "externalOrderId": "A-1007", "totalCost": Decimal("37.90"), "currency": "EUR", "status": "DELIVERED",
        "date": "2026-01-15T10:30:00+00:00", "firstName": "Anna", "lastName": "Example",
        "email": "anna@customer.example", "shipping": Decimal("4.50"), "items": items,
        "deliveryMethod": "Courier", "paymentMethod": "Card", "restoreUrl": "https://shop.example/cart",
    }  # fmt: skip
    event = {"type": "orderDELIVERED", "key": "A-1007", "eventKey": "A-1007", "externalOrderId": "A-1007",
             "status": "DELIVERED"}  # fmt: skip
    contact = {"firstName": "Anna", "lastName": "Example", "email": "anna@customer.example", "timeZone": "UTC",
               "fields": {}}  # fmt: skip
    run = {"now": "2026-01-15T10:30:00+00:00", "test": True}
    return {"order": order, "event": event, "contact": contact, "run": run, "steps": {}}
