"""A mail is sent, its link followed, an order delivered: the mail earned it, until the order is cancelled."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.product import Product
from tests.servers import SmtpServer
from tests.tracking.mails import a_mail, addresses, follow, publish_mail, told


async def _rows(product: Product, path: str = "", **more: str) -> list[dict[str, Any]]:
    today = datetime.now(UTC).date()
    days = {"from": str(today - timedelta(days=1)), "to": str(today + timedelta(days=1))}
    response = await product.http.get(f"/api/v1/reports/{path or 'attribution'}", params=days | more)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["orders" if "orders" in path else "rows"]
    return found


async def _become(product: Product, wanted: list[dict[str, Any]], **more: str) -> None:
    """The report, once it is as wanted: an order has its contact a moment after it was taken."""
    found: list[dict[str, Any]] = []
    try:
        async with asyncio.timeout(60):
            while (found := await _rows(product, **more)) != wanted:  # noqa: ASYNC110 - over HTTP
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"the report stayed {found}") from None


async def test_a_click_leads_the_next_order_to_its_mail_until_it_is_cancelled(
    product: Product, smtp_server: SmtpServer
) -> None:
    await publish_mail(product)
    first, message, html = await a_mail(product, smtp_server)
    cup, _, _, *_, picture = addresses(html)
    await follow(product, picture)
    await follow(product, cup)
    second = first | {
        "externalOrderId": f"{first['externalOrderId']}-second",
        "date": datetime.now(UTC).isoformat(),
        "totalCost": 250,
    }
    nothing = {"currency": None, "orders": 0, "revenue": 0, "expectedOrders": 0, "expected": 0}
    counts = {"automation": "Thanks", "sent": 1, "delivered": 1, "opened": 1, "clicked": 1}
    assert await _rows(product) == [counts | nothing]

    await product.post(second | {"status": "IN_PROGRESS"})
    expected = {"currency": "UAH", "orders": 0, "revenue": 0, "expectedOrders": 1, "expected": 250}
    await _become(product, [counts | expected])

    await product.post(second)
    await product.wait_for_run(second, "done")
    earned = {"currency": "UAH", "orders": 1, "revenue": 250, "expectedOrders": 0, "expected": 0}
    await _become(product, [counts | {"step": "thanks", "sent": 2} | earned], by="step")
    (led,) = await _rows(product, "attribution/orders")
    assert (led["externalOrderId"], led["messageId"], led["kind"]) == (
        second["externalOrderId"],
        message["id"],
        "clicked",
    )
    (launched,) = await _rows(product, "automations")
    assert (launched["runs"], launched["clicked"], launched["orders"], launched["revenue"]) == (2, 1, 1, 250)
    assert [row["revenue"] for row in await _rows(product, "revenue", by="month")] == [250]

    await product.post(second | {"status": "CANCELLED"})
    await _become(product, [counts | {"sent": 2} | nothing])
    assert await _rows(product, "attribution/orders") == []
    assert (await told(product, message))["state"] == "clicked"


async def test_days_that_end_before_they_begin_are_refused_and_csv_has_headings(product: Product) -> None:
    for path in ("attribution", "attribution/orders"):
        wrong = await product.http.get(f"/api/v1/reports/{path}?from=2026-11-02&to=2026-11-01")
        assert (wrong.status_code, wrong.json()["code"]) == (400, "empty_range")
    csv = await product.http.get("/api/v1/reports/attribution?from=2026-11-01&to=2026-11-02&by=arm&format=csv")
    assert csv.text.startswith("automation,split,arm,holdout,contacts,converted,conversion,lift,liftLow,liftHigh")
    orders = await product.http.get("/api/v1/reports/attribution/orders?from=2026-11-01&to=2026-11-02&format=csv")
    assert orders.text.startswith("id,externalOrderId,status")
