"""The editor in a real browser: a marketer builds an automation from cards."""

import pytest
from playwright.async_api import Browser, expect

from store.tables.user import Role
from tests.builders import an_order as order
from tests.console.browser import Console
from tests.product import Product

pytestmark = pytest.mark.xdist_group("console")
WAIT = 60_000


async def test_a_marketer_builds_tries_and_publishes_an_automation_from_cards(
    console: Console, product: Product, browser: Browser
) -> None:
    before = order(status="DELIVERED")
    await product.post(before)
    async with console.open(browser, Role.MARKETER) as page:
        page.set_default_timeout(WAIT)
        await page.goto(f"{console.url}/builder")
        await expect(page.get_by_role("status").first).to_contain_text("unknown template 'order-delivered'")
        await page.get_by_role("button", name="thanks:").first.click()
        await page.get_by_label("Template *").fill("thanks")
        await page.get_by_label("Template *").press("Tab")
        await expect(page.get_by_text("This can be published.")).to_be_visible()
        await page.get_by_label("Add a step at steps 3").select_option("wait")
        await page.get_by_label("For", exact=True).fill("ten days")
        await page.get_by_label("For", exact=True).press("Tab")
        await expect(page.get_by_role("alert").filter(has_text="is not a duration")).to_be_visible()
        await page.get_by_label("For", exact=True).fill("10d")
        await page.get_by_label("For", exact=True).press("Tab")
        await expect(page.get_by_text("This can be published.")).to_be_visible()
        await page.get_by_label("Try it with the order").fill(before["externalOrderId"])
        await page.get_by_label("Try it with the order").press("Tab")
        await page.get_by_role("button", name="Try it").click()
        await expect(page.get_by_text("Sends thanks by email")).to_be_visible()
        mail = page.frame_locator("iframe").first
        await expect(mail.get_by_text(f"Order {before['externalOrderId']}")).to_be_visible()
        await page.get_by_role("button", name="Publish").click()
        await expect(page.get_by_text("version 1 is live.")).to_be_visible()
    delivered = order(status="DELIVERED")
    await product.post(delivered)
    await product.wait_for(delivered, "run", lambda runs: [run["state"] for run in runs] == ["waiting"], seconds=60)
