"""A shop with a thousand orders: what most pages are looked at with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from automation.template import parse_template
from cli.embedded import EmbeddedPostgres, EmbeddedTemporal
from core.segments.definition import condition_json, read_condition
from store import templates
from store.account import Account
from store.refresh import next_contacts, refresh
from store.segments import put_segment
from tests.console.shop_times import spread
from tests.product import Product, running_product
from tests.servers import Databases, SmtpServer, Trouble, fresh_namespace, settings_on

PAST = 960
LIVE = 40
_NAMES = ("Olena", "Andriy", "Marta", "Ivan", "Sofia", "Danylo", "Iryna", "Petro", "Yulia", "Oleh")
_FAMILIES = ("Koval", "Shevchenko", "Bondar", "Tkachenko", "Melnyk", "Kravets", "Moroz", "Lysenko")
_GOODS = (("cup", "Ceramic cup", 180), ("tea", "Green tea, 200 g", 240), ("pot", "Cast-iron teapot", 1450))
_REGULAR = {"all": [{"orders": "count", "op": "gte", "value": 3}, {"orders": "sum", "op": "gte", "value": 2000}]}
_STATUSES = ("DELIVERED",) * 6 + ("IN_PROGRESS", "INITIALIZED", "CANCELLED", "ABANDONED_SHOPPING_CART")

THANKS = """
name: Delivered, thank you and review request
start:
  event: orderDELIVERED
  where: { all: [ { field: order.totalCost, op: gte, value: 150 } ] }
stop:
  - { event: orderCANCELLED }
steps:
  - get_order: {}
  - send: { id: thanks, channel: email, template: order-delivered }
  - wait: { id: two_weeks, for: 14d, at: "10:00" }
  - get_order: {}
  - send: { id: review, channel: email, template: review-request, not_after: 3d }
"""
CARTS = """
name: Abandoned cart
start: { event: orderABANDONED_SHOPPING_CART }
stop:
  - { event: orderINITIALIZED, match: contact }
steps:
  - wait: { id: day, for: 24h }
  - get_order: {}
  - if:
      id: large
      where: { field: order.totalCost, op: gte, value: 1000 }
      then:
        - send: { id: offer, channel: email, template: order-initialized }
      else:
        - send: { id: reminder, channel: email, template: order-initialized }
"""


def an_order_of_the_shop(number: int, now: datetime) -> dict[str, Any]:  # Any: JSON
    """Order `number`, the newest is 0: few come often, most once; some bring a phone alone, one nothing usable.

    The shop grows: of the last hours there are several orders, of those a year ago one or two a day.
    """
    customer = 1 + int(600 * (number * 0.6180339 % 1) ** 2.2)
    code, name, cost = _GOODS[number % 3]
    quantity = 1 + number % 4
    order: dict[str, Any] = {
        "externalOrderId": f"A-{11000 - number}",
        "externalCustomerId": f"c{customer}" if customer % 5 else None,
        "email": f"customer{customer}@example.com" if customer % 4 else None,
        "phone": f"+38067{1000000 + customer}" if customer % 3 else None,
        "firstName": _NAMES[customer % len(_NAMES)],
        "lastName": _FAMILIES[customer % len(_FAMILIES)],
        "totalCost": cost * quantity,
        "status": _STATUSES[number % len(_STATUSES)],
        "date": (now - timedelta(hours=number * 0.3 + number**2 * 0.006, minutes=4)).isoformat(),
        "currency": "UAH",
        "storeId": ("kyiv", "lviv")[number % 2],
        "deliveryMethod": "courier",
        "additionalInfo": {"gift": number % 9 == 0},
        "items": [
            {
                "externalItemId": code,
                "name": name,
                "quantity": quantity,
                "cost": cost,
                "url": f"https://shop.example/{code}",
                "imageUrl": f"https://shop.example/{code}.jpg",
                "category": "tea things",
            }
        ],
    }
    if not (order["externalCustomerId"] or order["email"] or order["phone"]):
        order["email"] = "not an address"
    return {name: value for name, value in order.items() if value is not None}


async def fill(product: Product, smtp: SmtpServer, *, past: int = PAST, live: int = LIVE) -> None:
    """Orders of a year as history, and of these hours with automations that run, two messages of them in trouble."""
    folder = Path(__file__).parents[2] / "examples" / "templates"
    async with product.database.transaction() as session:
        for name in ("order-delivered", "review-request", "order-initialized"):
            text = (folder / f"{name}.html").read_text()
            await templates.apply_template(session, name, parse_template(name, text).model_dump(exclude_none=True))
    now = datetime.now(UTC)
    orders = [an_order_of_the_shop(number, now) for number in range(live, live + past)]
    for start in range(0, past, 500):
        answer = await product.http.post("/api/v1/orders?historical=true", json={"orders": orders[start : start + 500]})
        assert answer.status_code == 200, answer.text
    await product.publish(THANKS)
    await product.publish(CARTS)
    newest = [an_order_of_the_shop(number, now) for number in range(live)]
    for order, trouble, state in (
        (newest[1], Trouble.DROP_AFTER_DATA, "unknown"),
        (newest[2], Trouble.REFUSE, "failed"),
    ):
        smtp.fail(trouble, times=1)
        await product.post(order | {"status": "INITIALIZED"})
        await product.post(order)
        await _until(product, order, "message", state)
    await product.post(newest[0], *newest[3:])
    for number in (3, 5):
        await _until(product, newest[number], "run", "waiting")
    await _until_quiet(product)
    async with product.database.transaction() as session:
        await put_segment(session, "regular customers", condition_json(read_condition(_REGULAR)))
        await spread(session)
        account = Account.at(product.settings, now)
        piece = await next_contacts(session, UUID(int=0), PAST)
        assert piece
        await refresh(session, piece.span, account)


async def _until_quiet(product: Product) -> None:
    """Every run waits or has ended."""
    async with asyncio.timeout(120):
        while await _busy(product):  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.2)


async def _busy(product: Product) -> bool:
    asked = [await product.http.get(f"/api/v1/runs?state={state}") for state in ("pending", "running")]
    return any(answer.json()["runs"] for answer in asked)


async def _until(product: Product, order: dict[str, Any], kind: str, state: str) -> None:  # Any: JSON
    await product.wait_for(order, kind, lambda found: [one["state"] for one in found] == [state], seconds=90)


@asynccontextmanager
async def running_shop(folder: Path) -> AsyncIterator[Product]:
    """The embedded stack with the shop in it."""
    smtp = SmtpServer()
    async with (
        EmbeddedPostgres(folder / "postgres", forgetful=True) as postgres,
        EmbeddedTemporal(folder / "temporal", ui=False, forgetful=True) as temporal,
        smtp.running(),
    ):
        databases = Databases(postgres)
        await databases.prepare()
        async with databases.fresh() as url:
            client = await fresh_namespace(temporal)
            place = {"account_zone": "Europe/Kyiv", "account_currency": "UAH"}
            settings = settings_on(url, temporal, client, smtp, **place)
            async with running_product(settings, client) as product:
                await fill(product, smtp)
                yield product
