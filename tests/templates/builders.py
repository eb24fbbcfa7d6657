from decimal import Decimal
from typing import Any

from automation.template import CompiledTemplate, Rendered, Template


def rendered(facts: dict[str, Any] | None = None, **parts: Any) -> Rendered:  # Any: facts are any JSON
    """A template of these parts with these facts."""
    return CompiledTemplate(Template(name="sample", **parts)).render(facts or {})


def shown(source: str, **facts: Any) -> str:  # Any: facts are any JSON
    """What a text part becomes."""
    return rendered(facts, text=source).text


def facts() -> dict[str, Any]:  # Any: facts are any JSON
    """An order of three items, and Anna, who reads Ukrainian in Kyiv."""
    items = [
        {
            "externalItemId": f"sku-{number}",
            "name": f"Coffee & beans <{number}>",
            "quantity": number,
            "cost": Decimal("18.40"),
            "url": f"https://shop.test/p/{number}?a=1&b=2",
        }
        for number in (1, 2, 3)
    ]
    order = {
        "externalOrderId": "A-1007",
        "totalCost": Decimal("1059.70"),
        "currency": "UAH",
        "discount": Decimal(10),
        "shipping": Decimal("4.50"),
        "date": "2026-11-02T23:30:00+00:00",
        "deliveryMethod": "Courier",
        "deliveryAddress": "Khreshchatyk 1",
        "paymentMethod": "Card",
        "statusDescription": "All is well",
        "restoreUrl": "https://shop.test/cart/7",
        "items": items,
    }
    return {
        "order": order,
        "event": {"type": "orderDELIVERED", "key": "A-1007", "externalOrderId": "A-1007"},
        "contact": {"firstName": "Анна", "language": "uk", "timeZone": "Europe/Kyiv"},
        "unsubscribe_url": "https://shop.test/unsubscribe/7",
        "view_url": "https://shop.test/view/7",
        "steps": {},
    }
