import asyncio
from typing import Any

import pytest

from tests.connectors.shops import from_shopify, shopify_checkout, shopify_order
from tests.product import Product

_ORDER = "820982911946154508"


async def _stored(product: Product, order_id: str = _ORDER) -> dict[str, Any]:
    response = await product.http.get(f"/api/v1/orders/{order_id}")
    assert response.status_code == 200, response.text
    order: dict[str, Any] = response.json()
    return order


async def _events(product: Product, order_id: str = _ORDER) -> list[tuple[str, str]]:
    entries = await product.entries({"externalOrderId": order_id}, "event")
    return [(entry["type"], entry["effect"]) for entry in entries]


async def test_a_new_order_is_stored_in_our_fields(product: Product) -> None:
    response = await from_shopify(product, "orders/create", shopify_order())
    assert response.status_code == 200, response.text
    assert response.json()["outcome"] == "recorded"
    order = await _stored(product)
    wanted = {
        "status": "INITIALIZED",
        "totalCost": 398.0,
        "currency": "UAH",
        "externalCustomerId": "115310627314723954",
        "email": "iryna.kovalchuk@example.com",
        "phone": "+380671234567",
        "firstName": "Ірина",
        "shipping": 20.0,
        "discount": 20.0,
        "storeId": "cups.myshopify.com",
        "deliveryMethod": "Нова пошта",
        "paymentMethod": "LiqPay",
        "deliveryAddress": "вул. Городоцька, 12, кв. 4, Львів, 79016, Ukraine",
        "source": "online",
    }
    assert {name: order[name] for name in wanted} == wanted
    assert order["additionalInfo"]["name"] == "#1043"
    assert order["items"][0]["externalItemId"] == "808950810"
    assert order["items"][0]["extra"]["sku"] == "TEA-041"


@pytest.mark.parametrize(
    ("topic", "changes", "status"),
    [
        ("orders/paid", {"financial_status": "paid"}, "IN_PROGRESS"),
        ("orders/fulfilled", {"financial_status": "paid", "fulfillment_status": "fulfilled"}, "DELIVERED"),
        ("orders/cancelled", {"cancelled_at": "2026-11-20T11:00:00+02:00", "cancel_reason": "customer"}, "CANCELLED"),
        ("orders/updated", {"financial_status": "refunded"}, "CANCELLED"),
        ("orders/updated", {}, "INITIALIZED"),
    ],
)
async def test_each_topic_gives_its_status(topic: str, changes: dict[str, Any], status: str, product: Product) -> None:
    await from_shopify(product, topic, shopify_order(**changes))
    assert (await _stored(product))["status"] == status


async def test_a_left_checkout_is_an_abandoned_cart_until_it_is_completed(product: Product) -> None:
    await from_shopify(product, "checkouts/create", shopify_checkout())
    cart = await _stored(product, "checkout-123123123")
    assert cart["status"] == "ABANDONED_SHOPPING_CART"
    assert cart["restoreUrl"].startswith("https://cups.example/690933842/checkouts/123123123/recover")
    done = await from_shopify(product, "checkouts/update", shopify_checkout(completed_at="2026-11-20T13:00:00+02:00"))
    assert done.json()["outcome"] == "ignored"
    assert await _events(product, "checkout-123123123") == [("orderABANDONED_SHOPPING_CART", "acts")]


async def test_a_delivery_acts_once_however_often_it_comes(product: Product) -> None:
    order = shopify_order()
    answers = await asyncio.gather(
        *(from_shopify(product, "orders/create", order, delivery="one-and-the-same") for _ in range(5))
    )
    assert sorted(answer.json()["outcome"] for answer in answers) == ["duplicate"] * 4 + ["recorded"]
    assert await _events(product) == [("orderINITIALIZED", "acts")]


async def test_a_caught_body_does_nothing_under_another_delivery_id(product: Product) -> None:
    order = shopify_order()
    await from_shopify(product, "orders/create", order)
    again = await from_shopify(product, "orders/create", order)
    assert again.json()["outcome"] == "duplicate"
    assert len(await _events(product)) == 1


async def test_an_older_update_that_comes_late_changes_no_status(product: Product) -> None:
    await from_shopify(product, "orders/cancelled", shopify_order(1, cancelled_at="2026-11-20T11:00:00+02:00"))
    await from_shopify(product, "orders/paid", shopify_order(2, financial_status="paid"))
    assert (await _stored(product))["status"] == "CANCELLED"
    assert await _events(product) == [("orderCANCELLED", "acts"), ("orderIN_PROGRESS", "stale")]


async def test_paid_wins_over_created_of_the_same_second_in_whichever_order_they_come(product: Product) -> None:
    order = shopify_order(financial_status="paid")
    order["created_at"] = order["updated_at"]
    await from_shopify(product, "orders/paid", order)
    await from_shopify(product, "orders/create", order)
    assert (await _stored(product))["status"] == "IN_PROGRESS"


@pytest.mark.parametrize("wrong", [{"secret": "not this one"}, {"shop": "unknown.myshopify.com"}])
async def test_a_wrong_signature_or_shop_is_refused_and_stores_nothing(wrong: dict[str, str], product: Product) -> None:
    response = await from_shopify(product, "orders/create", shopify_order(), **wrong)
    assert (response.status_code, response.json()["code"]) == (401, "bad_signature")
    assert (await product.http.get(f"/api/v1/orders/{_ORDER}")).status_code == 404


async def test_a_change_of_last_week_is_refused_as_a_replay(product: Product) -> None:
    response = await from_shopify(product, "orders/create", shopify_order(minutes_ago=7 * 24 * 60))
    assert (response.status_code, response.json()["code"]) == (400, "delivery_too_old")


async def test_a_topic_without_orders_is_answered_200_and_says_so(product: Product) -> None:
    response = await from_shopify(product, "products/update", {"id": 1})
    assert response.status_code == 200
    assert response.json()["outcome"] == "ignored"
    assert "products/update" in response.json()["reason"]


async def test_what_cannot_be_an_order_is_answered_200_with_the_reasons(product: Product) -> None:
    anonymous = {"email": None, "contact_email": None, "customer": None, "shipping_address": None}
    response = await from_shopify(product, "orders/create", shopify_order(**anonymous, billing_address=None))
    assert response.status_code == 200
    assert response.json()["outcome"] == "refused"
    assert [error["code"] for error in response.json()["errors"]] == ["missing_identity"]


@pytest.mark.parametrize("document", [[], "text", None, 5])
async def test_a_body_that_is_no_object_is_refused(document: object, product: Product) -> None:
    response = await from_shopify(product, "orders/create", document)
    assert (response.status_code, response.json()["code"]) == (400, "not_an_object")


async def test_sections_of_the_wrong_type_cost_no_500(product: Product) -> None:
    odd = {"customer": [], "line_items": {}, "shipping_lines": "x", "payment_gateway_names": 5, "note": {"a": 1}}
    response = await from_shopify(product, "orders/create", shopify_order(**odd))
    assert response.json()["outcome"] == "recorded"
