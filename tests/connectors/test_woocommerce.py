from typing import Any

import pytest

from tests.connectors.shops import from_woocommerce, woocommerce_order
from tests.product import Product

_ORDER = "bowls.example/727"


async def _stored(product: Product) -> dict[str, Any]:
    response = await product.http.get(f"/api/v1/orders/{_ORDER}")
    assert response.status_code == 200, response.text
    order: dict[str, Any] = response.json()
    return order


async def test_a_new_order_is_stored_in_our_fields(product: Product) -> None:
    response = await from_woocommerce(product, "order.created", woocommerce_order())
    assert response.json()["outcome"] == "recorded", response.text
    order = await _stored(product)
    wanted = {
        "status": "INITIALIZED",
        "statusDescription": "pending",
        "totalCost": 545.0,
        "date": "2026-11-20T10:28:02+00:00",
        "externalCustomerId": "bowls.example/26",
        "email": "olena.shevchuk@example.com",
        "phone": "0501234567",
        "storeId": "bowls.example",
        "deliveryMethod": "Укрпошта",
        "deliveryAddress": "просп. Миру, 3, Чернігів, UA74, 14000, UA",
    }
    assert {name: order[name] for name in wanted} == wanted
    assert order["items"][0]["imageUrl"] == "https://bowls.example/bowl.jpg"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("on-hold", "INITIALIZED"),
        ("processing", "IN_PROGRESS"),
        ("completed", "DELIVERED"),
        ("cancelled", "CANCELLED"),
        ("failed", "CANCELLED"),
        ("refunded", "CANCELLED"),
        ("checkout-draft", "ABANDONED_SHOPPING_CART"),
        ("shipped", "IN_PROGRESS"),
    ],
)
async def test_each_status_of_theirs_is_one_of_ours(said: str, status: str, product: Product) -> None:
    await from_woocommerce(product, "order.updated", woocommerce_order(status=said))
    order = await _stored(product)
    assert (order["status"], order["statusDescription"]) == (status, said)


async def test_a_guest_has_no_customer_id(product: Product) -> None:
    await from_woocommerce(product, "order.created", woocommerce_order(customer_id=0))
    assert "externalCustomerId" not in await _stored(product)


async def test_a_delivery_acts_once(product: Product) -> None:
    first = await from_woocommerce(product, "order.created", woocommerce_order(), delivery="d1")
    again = await from_woocommerce(product, "order.updated", woocommerce_order(status="completed"), delivery="d1")
    assert [first.json()["outcome"], again.json()["outcome"]] == ["recorded", "duplicate"]
    assert (await _stored(product))["status"] == "INITIALIZED"


async def test_an_older_update_that_comes_late_changes_no_status(product: Product) -> None:
    await from_woocommerce(product, "order.updated", woocommerce_order(1, status="completed"))
    await from_woocommerce(product, "order.updated", woocommerce_order(2, status="processing"))
    assert (await _stored(product))["status"] == "DELIVERED"


async def test_the_ping_of_a_saved_webhook_is_answered(product: Product) -> None:
    response = await product.http.post(
        "/connectors/woocommerce", data={"webhook_id": "12"}, headers={"Authorization": ""}
    )
    assert (response.status_code, response.json()["outcome"]) == (200, "ignored")


async def test_a_wrong_signature_is_refused(product: Product) -> None:
    response = await from_woocommerce(product, "order.created", woocommerce_order(), secret="guessed")
    assert (response.status_code, response.json()["code"]) == (401, "bad_signature")


async def test_a_request_without_the_platforms_headers_is_refused(product: Product) -> None:
    response = await product.http.post("/connectors/woocommerce", json=woocommerce_order())
    assert (response.status_code, response.json()["code"]) == (400, "missing_header")


async def test_a_deleted_order_is_answered_200_and_does_nothing(product: Product) -> None:
    response = await from_woocommerce(product, "order.deleted", {"id": 727})
    assert (response.status_code, response.json()["outcome"]) == (200, "ignored")
