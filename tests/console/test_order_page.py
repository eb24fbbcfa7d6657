"""The page of one order, and the sums above the list, used as people use them."""

import asyncio
import json
import re
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from store.tables.user import Role
from tests.builders import THANKS
from tests.builders import an_order as order
from tests.console.browser import Console
from tests.product import Product

PAUSE = "name: Pause\nstart: { event: orderDELIVERED }\nsteps:\n  - wait: { id: pause, for: 10d }\n"


async def test_the_list_sums_amounts_by_status_and_narrows_to_orders_without_a_contact(
    console: Console, product: Product, browser: Browser
) -> None:
    lost = order(status="CANCELLED", email="no address", externalCustomerId=None, totalCost=7)
    await product.post(order(totalCost=150), order(totalCost=50, status="INITIALIZED"), lost)
    async with asyncio.timeout(60):
        while len([one for one in await _stored(product) if one["contactId"]]) < 2:  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.1)
    async with console.open(browser, Role.VIEWER) as page:
        await page.goto(f"{console.url}/orders")
        total = page.locator(".oc-card", has_text="Total")
        await expect(total).to_contain_text("200")
        await expect(total).to_contain_text("2 orders")
        await page.get_by_label("Contact").select_option("not matched")
        await expect(page.locator(".oc-main tbody tr")).to_have_count(1)
        await expect(page).to_have_url(re.compile("contact=not"))
        await expect(page.locator(".oc-main tbody tr")).to_contain_text(lost["externalOrderId"])


async def _stored(product: Product) -> list[dict[str, Any]]:  # Any: JSON
    found: list[dict[str, Any]] = (await product.http.get("/api/v1/orders")).json()["orders"]
    return found


async def test_an_operator_posts_a_change_and_sees_what_it_changed(
    console: Console, product: Product, browser: Browser
) -> None:
    await product.publish(THANKS)
    coming = order(status="IN_PROGRESS")
    await product.post(coming)
    async with console.open(browser, Role.OPERATOR) as page:
        await page.goto(f"{console.url}/orders?text={coming['externalOrderId']}")
        await page.get_by_role("link", name=coming["externalOrderId"]).click()
        await page.get_by_role("button", name="Post a change").click()
        await page.get_by_label("Other fields, as JSON").fill(json.dumps({"status": "DELIVERED", "totalCost": 250}))
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_text("The change is posted.")).to_be_visible()
        await page.keyboard.press("Escape")
        await product.wait_for(coming, "event", lambda found: len(found) == 2)
        await page.get_by_role("link", name="Versions").click()
        await expect(page.locator("pre ins", has_text='"totalCost": 250')).to_be_visible()
        await expect(page.locator("pre del", has_text='"totalCost": 200')).to_be_visible()
        await page.get_by_role("link", name="As sent").click()
        newest, first = page.locator("pre").nth(0), page.locator("pre").nth(1)
        await expect(newest).to_contain_text('"totalCost": 250')
        await expect(first).to_contain_text('"items"')
        await expect(newest).not_to_contain_text('"items"')  # they stayed as they were


async def test_nobody_presses_the_buttons_of_another_ones_page(
    console: Console, product: Product, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    """A viewer who learnt the id of an operator's page forges the message of its button."""
    await product.publish(PAUSE)
    delivered = order()
    await product.post(delivered)
    run = await product.wait_for_run(delivered, "waiting")
    async with (
        console.open(browser, Role.OPERATOR) as theirs,
        console.open(browser, Role.VIEWER) as own,
    ):
        await theirs.goto(f"{console.url}/runs/{run['id']}")
        await own.goto(f"{console.url}/runs/{run['id']}")
        await expect(theirs.get_by_role("button", name="Stop this run")).to_be_visible()
        await expect(own.get_by_role("button", name="Stop this run")).to_have_count(0)
        await theirs.get_by_role("button", name="Stop this run").click()
        await expect(theirs.get_by_role("button", name="Do it")).to_be_visible()
        await theirs.evaluate("""() => { window.forged = []; const emit = window.socket.emit.bind(window.socket);
            window.socket.emit = (name, ...rest) => { if (name === 'event') window.forged.push(rest[0]);
                else emit(name, ...rest); }; }""")
        await theirs.get_by_role("button", name="Do it").click()
        await theirs.wait_for_function("window.forged.length > 0")
        sent = await theirs.evaluate("window.forged")
        await own.evaluate("(messages) => messages.forEach((one) => window.socket.emit('event', one))", sent)
        await expect(own.get_by_text("The run is stopped")).to_have_count(0)
        await own.goto(f"{console.url}/orders")
        await expect(own.get_by_role("heading", name="Orders")).to_be_visible()
    assert "a socket spoke to a page that it has not joined" in caplog.text
    assert (await product.wait_for_run(delivered, "waiting"))["stop"] is None
