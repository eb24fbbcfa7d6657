"""Contacts of tests, over HTTP."""

import asyncio
from typing import Any
from uuid import uuid4

from tests.builders import an_order
from tests.product import Product

Json = dict[str, Any]  # Any: JSON


def a_contact(**changes: Any) -> Json:  # Any: JSON
    name = uuid4().hex[:8]
    contact = {
        "externalCustomerId": f"c-{name}",
        "firstName": "Olena",
        "channels": [{"type": "email", "value": f"{name}@example.com"}],
    } | changes
    return {name: value for name, value in contact.items() if value is not None}


def email_of(contact: Json) -> str:
    return next(str(one["value"]) for one in contact["channels"] if one["type"] == "email")


async def add(product: Product, **changes: Any) -> str:  # Any: JSON
    """A new contact's id."""
    response = await product.http.post("/api/v1/contact", json=a_contact(**changes))
    assert response.status_code == 200, response.text
    return str(response.json()["id"])


async def show(product: Product, contact_id: object) -> Json:
    response = await product.http.get(f"/api/v1/contacts/{contact_id}")
    assert response.status_code == 200, response.text
    found: Json = response.json()
    return found


async def contact_of(product: Product, order: Json) -> str:
    """The contact of an order, once it is matched."""
    async with asyncio.timeout(60):
        while True:
            found = (await product.http.get(f"/api/v1/orders/{order['externalOrderId']}")).json()
            if found["contactId"]:
                return str(found["contactId"])
            await asyncio.sleep(0.05)


async def ordering(product: Product, **changes: Any) -> tuple[Json, str]:  # Any: JSON
    """An accepted order and its contact."""
    order = an_order(**changes)
    await product.post(order)
    return order, await contact_of(product, order)
