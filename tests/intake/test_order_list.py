"""GET /api/v1/orders."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from store.keys import Scope
from tests.builders import an_order
from tests.intake.access import authorization
from tests.product import Product


async def _page(product: Product, **params: Any) -> dict[str, Any]:  # Any: JSON
    response = await product.http.get("/api/v1/orders", params=params)
    assert response.status_code == 200, response.text
    page: dict[str, Any] = response.json()
    return page


async def _ids(product: Product, **params: Any) -> list[str]:  # Any: JSON
    return [order["externalOrderId"] for order in (await _page(product, **params))["orders"]]


async def test_orders_come_newest_first_and_page_by_page_without_gap_or_double(product: Product) -> None:
    orders = [an_order(externalOrderId=f"o{day}", date=f"2026-11-{10 + day // 2}T10:00:00Z") for day in range(7)]
    await product.post(*orders)
    found: list[str] = []
    params: dict[str, Any] = {"limit": 3}
    pages = 0
    while params.get("cursor") or not pages:
        page = await _page(product, **params)
        found += [order["externalOrderId"] for order in page["orders"]]
        params["cursor"] = page["nextCursor"]
        pages += 1
    assert pages == 3
    assert sorted(found) == [f"o{day}" for day in range(7)]
    assert [one[1:] and int(one[1:]) // 2 for one in found] == [3, 2, 2, 1, 1, 0, 0]


async def test_orders_that_arrive_while_someone_pages_shift_nothing(product: Product) -> None:
    await product.post(*(an_order(externalOrderId=f"o{day}", date=f"2026-11-1{day}") for day in range(4)))
    first = await _page(product, limit=2)
    await product.post(an_order(externalOrderId="newer", date="2026-11-20"))
    assert await _ids(product, limit=2, cursor=first["nextCursor"]) == ["o1", "o0"]


async def test_filters_restrict_and_combine(product: Product) -> None:
    await product.post(
        an_order(externalOrderId="a", status="DELIVERED", storeId="kyiv", date="2026-11-01T00:00:00Z"),
        an_order(externalOrderId="b", status="CANCELLED", storeId="kyiv", date="2026-11-02T00:00:00Z"),
        an_order(externalOrderId="c", status="DELIVERED", storeId="lviv", date="2026-11-03T00:00:00Z"),
    )
    assert await _ids(product, status="DELIVERED") == ["c", "a"]
    assert await _ids(product, storeId="kyiv") == ["b", "a"]
    assert await _ids(product, status="DELIVERED", storeId="kyiv") == ["a"]
    assert await _ids(product, **{"from": "2026-11-02T02:00:00+02:00", "to": "2026-11-03T00:00:00Z"}) == ["b"]
    assert await _ids(product, contactId=str(uuid4())) == []


async def test_orders_are_found_by_contact(product: Product) -> None:
    order = an_order()
    await product.post(order, an_order())
    async with product.database.transaction() as session:
        contact_id = await session.scalar(text("INSERT INTO contact (source) VALUES ('order') RETURNING id"))
        await session.execute(
            text('UPDATE "order" SET contact_id = :contact_id WHERE external_order_id = :key'),
            {"contact_id": contact_id, "key": order["externalOrderId"]},
        )
    assert await _ids(product, contactId=str(contact_id)) == [order["externalOrderId"]]


@pytest.mark.parametrize(
    "searched",
    [
        "WEB-7",
        "web-70",
        "Іванен",
        "іваненко",
        "олена",
        "олена іван",
        "Іваненко О",
        "o.ivanenko@",
        "+38050 123",
        "050 123 45 67",
    ],
)
async def test_text_finds_an_order_by_the_beginning_of_what_is_known(product: Product, searched: str) -> None:
    order = an_order(
        externalOrderId="WEB-701",
        firstName="Олена",
        lastName="Іваненко",
        email="O.Ivanenko@example.com",
        phone="+380501234567",
    )
    await product.post(order, an_order(externalOrderId="other", firstName="Петро", lastName="Коваль"))
    assert await _ids(product, text=searched) == ["WEB-701"]


@pytest.mark.parametrize("searched", ["%", "_EB", "EB-701", "'; --", "\U0010ffff", "\\"])
async def test_text_has_no_signs_of_its_own(product: Product, searched: str) -> None:
    await product.post(an_order(externalOrderId="WEB-701"))
    assert await _ids(product, text=searched) == []


async def test_a_text_that_is_very_common_is_still_found_newest_first(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.order_search.MOST_FOUND", 2)
    await product.post(*(an_order(externalOrderId=f"web-{day}", date=f"2026-11-1{day}") for day in range(5)))
    assert await _ids(product, text="web", limit=3) == ["web-4", "web-3", "web-2"]


async def test_the_list_shows_amounts_and_leaves_documents_to_the_order(product: Product) -> None:
    order = an_order(totalCost="199.90", additionalInfo={"gift": True})
    await product.post(order)
    shown = (await _page(product))["orders"][0]
    assert shown["totalCost"] == 199.9
    assert shown["version"] == 1
    assert {"items", "additionalInfo", "extra"}.isdisjoint(shown)


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 0},
        {"limit": 201},
        {"status": "SHIPPED"},
        {"contactId": "7"},
        {"from": "yesterday"},
        {"from": "2026-11-02", "to": "2026-11-02"},
        {"cursor": "zzz"},
        {"cursor": "MDAwMS0wMS0wMVQwMDowMDowMCswNTowMCAx"},
        {"cursor": "я"},
        {"text": "a\0"},
        {"text": " "},
        {"text": "a" * 101},
        {"storeId": "\0"},
        {"stauts": "DELIVERED"},
    ],
)
async def test_parameters_that_are_wrong_or_unknown_are_refused(product: Product, params: dict[str, str]) -> None:
    response = await product.http.get("/api/v1/orders", params=params)
    assert response.status_code == 400, response.text
    assert response.headers["content-type"] == "application/problem+json"


async def test_the_list_needs_the_scope_to_read(product: Product) -> None:
    headers = await authorization(product, Scope.ORDERS_WRITE)
    assert (await product.http.get("/api/v1/orders", headers=headers)).status_code == 403


async def test_an_id_that_no_order_can_have_is_not_found(product: Product) -> None:
    assert (await product.http.get("/api/v1/orders/a%00b")).status_code == 404
